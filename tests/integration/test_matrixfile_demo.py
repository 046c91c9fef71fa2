"""The demo and the small example: they validate, they last, and they keep to the rules."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import pytest
import yaml
from pydantic import SecretStr

from orchestrator.domain.line import LineKind
from orchestrator.domain.script import heard
from orchestrator.domain.stream import StreamSpec
from orchestrator.matrixfile import Loaded, load, schema, store_assets

DEMO = Path(__file__).parents[2] / "deploy" / "demo"
CHARACTERS_A_SECOND = 5.4
"""More than the quickest of the demo's voices was measured to say; punctuation doesn't count."""
PAUSE_SECONDS = 2.0
ABSOLUTE = re.compile(
    "最|第一|唯一|首选|独家|绝对|完美|极致|至尊|顶级|顶尖|国家级|世界级|冠军|王牌|史无前例|万能|"
    "百分之百|100%|全网|永久|保证|根治|治疗|疗效|见效|药|养生|减肥|美白|排毒|抗菌|防螨|助眠|"
    "亲测|我用|我吃|我喝|我穿|我睡|自用|我家|真人|只剩|限量|手慢|秒杀|抢购|稳赚|加微信|私信"
)


class Editor(yaml.SafeLoader):
    """YAML as an editor sees it: dates are text, and `on` is a word."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        first: [(tag, form) for tag, form in forms if tag.endswith((":int", ":float"))]
        for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


Editor.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def read(name: str) -> Loaded:
    return load(DEMO / name, lambda reference: SecretStr(f"key-of-{reference}"))


@pytest.fixture(scope="module")
def demo() -> Loaded:
    return read("matrix.yaml")


@pytest.fixture(scope="module")
def specs(demo: Loaded) -> tuple[StreamSpec, ...]:
    return demo.streams()


def test_the_demo_is_six_shops_of_three_brands_on_four_platforms(
    specs: tuple[StreamSpec, ...],
) -> None:
    assert len(specs) == 6
    assert len({spec.brand_id for spec in specs}) == 3
    assert {spec.platform for spec in specs} == {"douyin", "taobao", "kuaishou", "bilibili"}
    assert len({spec.persona for spec in specs}) == 3
    assert len({spec.persona.voice.name for spec in specs}) == 3
    assert len({spec.endpoint.url for spec in specs}) == 6
    assert len({spec.endpoint.target for spec in specs}) == 6


def test_every_brand_has_products_with_price_points_and_picture(
    specs: tuple[StreamSpec, ...],
) -> None:
    for spec in specs:
        assert len(spec.products) >= 2
        assert all(
            card.price and card.was and card.points and card.picture for card in spec.products
        )


def test_a_viewer_listens_for_ten_minutes_without_hearing_a_line_twice(
    specs: tuple[StreamSpec, ...],
) -> None:
    for spec in specs:
        lines = [line for line in spec.lines if line.kind is not LineKind.CLOSING]
        assert len({heard(line.text) for line in lines}) == len(lines)
        spoken = sum(len(heard(line.text)) for line in lines) / CHARACTERS_A_SECOND
        assert spoken + PAUSE_SECONDS * len(lines) >= 600, spec.title


def test_lines_are_of_a_length_that_can_be_said_in_one_breath(
    specs: tuple[StreamSpec, ...],
) -> None:
    for spec in specs:
        for line in spec.lines:
            assert 12 <= len(line.text) <= 75, line.text


def test_nothing_is_said_that_advertising_law_forbids(demo: Loaded) -> None:
    for spec in demo.streams():
        for line in spec.lines:
            assert not ABSOLUTE.search(line.text), line.text
    for brand in demo.matrix.brands:
        for product in brand.products:
            assert not ABSOLUTE.search(" ".join((product.name, *product.points)))


def test_the_host_says_what_it_is(specs: tuple[StreamSpec, ...]) -> None:
    for spec in specs:
        disclosed = [line for line in spec.lines if "数字人主播，由人工智能生成" in line.text]
        assert disclosed[0].kind is LineKind.OPENING


def test_discounts_name_their_basis(specs: tuple[StreamSpec, ...]) -> None:
    for spec in specs:
        for card in spec.products:
            said = [line.text for line in spec.lines if line.product == card.product]
            assert any(f"原价{card.was}元" in text and f"{card.price}元" in text for text in said)


def test_no_key_is_in_a_stream_or_in_the_matrix(demo: Loaded) -> None:
    assert "key-of-" not in repr(demo)
    assert "key-of-" not in repr(demo.streams())


def test_pictures_are_stored_by_content_and_only_once(demo: Loaded, tmp_path: Path) -> None:
    stored = store_assets(demo, tmp_path)
    before = [path.stat().st_mtime_ns for path in stored]
    assert store_assets(demo, tmp_path) == stored
    assert [path.stat().st_mtime_ns for path in stored] == before
    assert all(path.stem == sha256(path.read_bytes()).hexdigest() for path in stored)
    assert {path.name for path in (tmp_path / "assets").iterdir()} == {p.name for p in stored}
    wanted = {card.picture for spec in demo.streams() for card in spec.products}
    assert wanted == {path.stem for path in stored}


def test_the_small_example_is_small_and_whole() -> None:
    text = (DEMO / "small.yaml").read_text(encoding="utf-8")
    assert len([line for line in text.splitlines() if line and line[0] != "#"]) <= 20
    (spec,) = read("small.yaml").streams()
    assert spec.title == "林娜·甜美 → 素云家纺@custom"
    assert [line.text for line in spec.lines][1] == "这条云朵毛巾原价39.9元，今天29.9元一条。"


@pytest.mark.parametrize("name", ["matrix.yaml", "small.yaml", "day.yaml"])
def test_the_schema_takes_what_the_reader_takes(name: str) -> None:
    document = yaml.load((DEMO / name).read_text(encoding="utf-8"), Loader=Editor)
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(document)


def test_the_schema_refuses_what_the_reader_refuses() -> None:
    document = yaml.safe_load((DEMO / "small.yaml").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema())
    document["shops"][0]["platform"] = "wechat-channels"
    document["shops"][0]["endpoint"]["key"] = "live_abc"
    document["personas"][0]["voice"]["name"] = "nobody"
    document["colour"] = "blue"
    found = {".".join(map(str, error.absolute_path)) for error in validator.iter_errors(document)}
    assert {"shops.0.platform", "shops.0.endpoint.key", "personas.0.voice.name", ""} <= found


def test_the_schema_file_beside_the_demo_is_the_schema() -> None:
    assert json.loads((DEMO / "matrix.schema.json").read_text(encoding="utf-8")) == schema()


def test_every_key_of_the_schema_that_needs_words_has_them() -> None:
    shop = schema()["$defs"]["Shop"]["properties"]
    assert "platform" in shop
    assert shop["hours"]["default"] == ["00:00-24:00"]
    assert schema()["$defs"]["EndpointSpec"]["properties"]["key"]["description"]
    for part in ("PlanSpec", "Contract", "FleetAt", "WorthAt"):
        assert all("description" in key for key in schema()["$defs"][part]["properties"].values())
