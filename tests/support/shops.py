"""The demo's matrix with short scripts: the same six rooms, a few seconds of speech each.

    matrix = short_matrix(tmp_path, server.url)      # keys are in matrix.environment

Prices are read from the file as it is written, so that what is seen on air can be compared with
what an operator typed.
"""

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import yaml

DEMO = Path(__file__).parents[2] / "deploy" / "demo" / "matrix.yaml"
OPENING = "大家好，我是{streamer}的数字人主播，由人工智能生成。"
LINES = ("先看{name}，原价{was}，今天{price}一{unit}。", "需要的朋友，可以看看商品卡。")


@dataclass(frozen=True)
class Room:
    """One shop of the matrix, as the operator declared it."""

    shop: str
    persona: str
    price: str
    was: str
    title: str
    key: str

    @property
    def prices_it_is_not(self) -> tuple[str, ...]:
        """What it cost before, and every price that differs in one digit."""
        near = {
            self.price[:at] + digit + self.price[at + 1 :]
            for at, was in enumerate(self.price)
            for digit in "0123456789"
            if was.isdigit() and digit != was and not (at == 0 and digit == "0")
        }
        return tuple(sorted(near | {self.was}))


@dataclass(frozen=True)
class ShortMatrix:
    """A matrix file, and the keys that its processes find in their environment."""

    path: Path
    rooms: tuple[Room, ...]
    environment: Mapping[str, str]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(room.key for room in self.rooms)


class _Loader(yaml.SafeLoader):
    """`on` is a word here, as in the product's own reader."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        first: [(tag, form) for tag, form in forms if not tag.endswith(":bool")]
        for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def short_matrix(
    folder: Path, url: str, *, shops: int = 6, elsewhere: Mapping[str, str] | None = None
) -> ShortMatrix:
    """Write the file: the first shops of the demo, all at that address but those named."""
    document = yaml.load(DEMO.read_text(encoding="utf-8"), _Loader)
    document["shops"] = document["shops"][:shops]
    _shorten(document)
    keys = {}
    for shop in document["shops"]:
        reference = shop["endpoint"]["key"]
        keys[reference.removeprefix("env:")] = f"{shop['id']}-{secrets.token_hex(8)}"
        shop["endpoint"]["url"] = (elsewhere or {}).get(shop["id"], url)
    shutil.copytree(DEMO.parent / "pictures", folder / "pictures", dirs_exist_ok=True)
    path = folder / "matrix.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")
    rooms = tuple(_room(document, shop, keys) for shop in document["shops"])
    return ShortMatrix(path, rooms, keys)


def _shorten(document: dict[str, Any]) -> None:
    for persona in document["personas"]:
        persona["catchphrases"] = []
    for brand in document["brands"]:
        brand["products"] = brand["products"][:1]
        product = brand["products"][0]["id"]
        brand["script"] = {"opening": [OPENING], "products": {product: list(LINES)}}
    for shop in document["shops"]:
        shop.pop("script", None)
    wanted = {shop["brand"] for shop in document["shops"]}
    document["brands"] = [brand for brand in document["brands"] if brand["id"] in wanted]


def _room(document: dict[str, Any], shop: dict[str, Any], keys: Mapping[str, str]) -> Room:
    brand = next(b for b in document["brands"] if b["id"] == shop["brand"])
    persona = next(p for p in document["personas"] if p["id"] == shop["persona"])
    product = brand["products"][0]
    who = f"{document['streamer']['name']}·{persona['name']}"
    return Room(
        shop=shop["id"],
        persona=persona["id"],
        price=yuan(product["price"]),
        was=yuan(product["was"]),
        title=f"{who} → {brand['name']}@{shop['platform']}",
        key=keys[shop["endpoint"]["key"].removeprefix("env:")],
    )


def yuan(typed: float) -> str:
    """A price as a card shows it: 299.00 is 299, 39.90 is 39.9."""
    return f"{Decimal(str(typed)).normalize():f}"
