"""Small matrices for tests: as values, and one as a planned file.

    matrix = a_matrix(shops=[a_shop("one", hours=["08:00-12:00"])], plan={"slot_minutes": 60})

Everything that isn't said is as short as it may be: two doubles, one brand, one operator.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from orchestrator.domain.matrix import Matrix

AGREED = {"by": "林娜", "on": date(2026, 11, 1)}
PRODUCT = {"id": "towel", "name": "云朵毛巾", "price": "29.90", "was": "39.90", "unit": "条"}
SCRIPT = {
    "opening": ["我是{streamer}的数字人主播，由人工智能生成。"],
    "products": {"towel": ["{name}原价{was}，今天{price}。"]},
}

PLANNED = """\
plan: {}
streamer:
  id: linna
  name: 林娜
  human_hours: ["20:00-22:00"]
  human_shops: [one]
  doubles_beside: true
  consents: {likeness: {by: 林娜, on: 2026-11-01}, voice: {by: 林娜, on: 2026-11-01}}
operators:
  - {id: zhou, name: 周示例, shifts: ["08:00-16:00"]}
  - {id: wu, name: 吴样例, shifts: ["16:00-24:00"]}
personas:
  - {id: sweet, name: 甜美, skills: [家纺], voice: {name: zf_xiaoxiao}, longest_run: 4h}
  - {id: wise, name: 知性, skills: [家纺, 茶饮], voice: {name: zf_xiaobei}}
brands:
  - id: suyun
    name: 素云家纺
    trade: 家纺
    rivals: [manpo]
    contract: {minimum_hours: 12, maximum_hours: 20, prime_percent: 15}
    colors: {primary: "#4a6fa5", accent: "#e8743b"}
    products: [{id: towel, name: 云朵毛巾, price: 29.90, was: 39.90}]
    script:
      opening: ["我是{streamer}的数字人主播，由人工智能生成。"]
      products: {towel: ["{name}原价{was}，今天{price}。"]}
  - id: manpo
    name: 漫坡茶舍
    trade: 茶饮
    colors: {primary: "#4a6fa5", accent: "#e8743b"}
    products: [{id: tea, name: 桂花红茶, price: 39.90}]
    script:
      opening: ["我是{streamer}的数字人主播，由人工智能生成。"]
      products: {tea: ["{name}今天{price}。"]}
      closing: [茶凉了再续，下次见。]
shops:
  - id: one
    name: 素云家纺一店
    brand: suyun
    platform: douyin
    endpoint: {url: "rtmp://127.0.0.1:1935/live", key: "env:KEY_A"}
    hours: ["08:00-24:00"]
  - id: two
    name: 漫坡茶舍小店
    brand: manpo
    platform: taobao
    endpoint: {url: "rtmp://127.0.0.1:1936/live", key: "env:KEY_B"}
    hours: ["10:00-22:00"]
    operators: [zhou, wu]
"""
"""A small planned matrix as a file: what a plan asks of it can be met."""

Declared = dict[str, Any]


@dataclass(frozen=True)
class Wrong:
    """A change to a good file, and the problem that it must bring."""

    old: str
    new: str
    path: str
    says: tuple[str, ...]


def a_persona(name: str = "sweet", **more: object) -> Declared:
    return {"id": name, "name": name.title(), "voice": {"name": "zf_xiaoxiao"}, **more}


def a_brand(name: str = "suyun", **more: object) -> Declared:
    colors = {"primary": "#4a6fa5", "accent": "#e8743b"}
    brand = {"id": name, "name": name.title(), "trade": "家纺", "colors": colors}
    return {**brand, "products": [PRODUCT], "script": SCRIPT, **more}


def a_shop(name: str = "one", **more: object) -> Declared:
    endpoint = {"url": f"rtmp://127.0.0.1/{name}", "key": "env:KEY"}
    shop = {"id": name, "name": name.title(), "brand": "suyun", "platform": "custom"}
    return {**shop, "endpoint": endpoint, **more}


def an_operator(name: str = "zhou", **more: object) -> Declared:
    return {"id": name, "name": name.title(), **more}


def a_matrix(
    *,
    plan: Declared | None = None,
    streamer: Declared | None = None,
    personas: Sequence[Declared] = (),
    brands: Sequence[Declared] = (),
    shops: Sequence[Declared] = (),
    operators: Sequence[Declared] = (),
) -> Matrix:
    consents = {"likeness": AGREED, "voice": AGREED}
    return Matrix.model_validate(
        {
            "streamer": {"id": "linna", "name": "林娜", "consents": consents, **(streamer or {})},
            "plan": plan or {},
            "operators": tuple(operators) or (an_operator(),),
            "personas": tuple(personas) or (a_persona("sweet"), a_persona("wise")),
            "brands": tuple(brands) or (a_brand(),),
            "shops": tuple(shops) or (a_shop(),),
        },
        strict=False,
    )
