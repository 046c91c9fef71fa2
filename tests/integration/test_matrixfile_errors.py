"""Each thing that can be wrong in a matrix file is named: where, what, the remedy."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from orchestrator.errors import Problem, SpecError
from orchestrator.matrixfile import Loaded, load
from orchestrator.wire.secrets import resolve_key
from tests.support.matrices import Wrong

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
SECRET = "live_9f3c_SECRET_77"
ENVIRON = {"KEY_A": SECRET, "KEY_B": "another-key"}

GOOD = """\
streamer:
  id: linna
  name: 林娜
  human_hours: ["20:00-22:00"]
  consents:
    likeness: {by: 林娜, on: 2026-11-01}
    voice: {by: 林娜, on: 2026-11-01}
operators:
  - {id: zhou, name: 周示例}
personas:
  - id: sweet
    name: 甜美
    look: {style: toon-head, options: {hairVariant: bun, hairColor: "#2c1b18"}}
    voice: {name: zf_xiaoxiao, speed: 1.0}
    catchphrases: [慢慢看，不着急。]
brands:
  - id: suyun
    name: 素云家纺
    trade: 家纺
    colors: {primary: "#4a6fa5", accent: "#e8743b"}
    products:
      - id: towel
        name: 云朵毛巾
        price: 29.90
        was: 39.90
        points: [长绒棉]
        picture: towel.png
    script:
      opening: ["我是{streamer}的数字人主播，由人工智能生成。"]
      products:
        towel: ["{name}原价{was}，今天{price}。", 毛圈厚实，吸水快。]
      closing: [下次见。]
shops:
  - id: one
    name: 素云家纺一店
    brand: suyun
    platform: douyin
    persona: sweet
    endpoint: {url: "rtmp://127.0.0.1:1935/live", key: "env:KEY_A"}
    hours: ["08:00-12:00", "13:00-24:00"]
  - id: two
    name: 素云家纺二店
    brand: suyun
    platform: taobao
    persona: sweet
    endpoint: {url: "rtmp://127.0.0.1:1936/live", key: "env:KEY_B"}
"""


@dataclass(frozen=True)
class Desk:
    """A folder with a picture in it, where matrix files are written and read."""

    folder: Path

    def read(self, document: str) -> Loaded:
        path = self.folder / "matrix.yaml"
        path.write_text(document, encoding="utf-8")
        return load(path, self.resolve)

    def problems(self, document: str) -> tuple[Problem, ...]:
        with pytest.raises(SpecError) as refused:
            self.read(document)
        assert SECRET not in str(refused.value)
        assert refused.value.__cause__ is None
        assert refused.value.__context__ is None
        return refused.value.problems

    @staticmethod
    def resolve(reference: str) -> SecretStr:
        return resolve_key(reference, ENVIRON)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "towel.png").write_bytes(PNG)
    return Desk(tmp_path)


KINDS = {
    "unknown key": Wrong(
        "    trade: 家纺",
        "    trade: 家纺\n    colour: 1",
        "brands[0].colour",
        ("unknown key 'colour'", "Did you mean colors?", "trade"),
    ),
    "missing key": Wrong(
        "    trade: 家纺\n", "", "brands[0].trade", ("is missing", "Add trade", "家纺")
    ),
    "text for a number": Wrong(
        "price: 29.90", "price: 便宜", "brands[0].products[0].price", ("number", "便宜", "129.00")
    ),
    "negative price": Wrong(
        "price: 29.90", "price: -3", "brands[0].products[0].price", ("greater than 0", "-3")
    ),
    "bad id": Wrong(
        "id: towel", "id: Towel One", "brands[0].products[0].id", ("form", "Towel One", "hyphens")
    ),
    "no value": Wrong("    name: 甜美", "    name:", "personas[0].name", ("has no value",)),
    "a word for a list": Wrong(
        "closing: [下次见。]", "closing: 下次见。", "brands[0].script.closing", ("list", "下次见")
    ),
    "unquoted color": Wrong(
        '{primary: "#4a6fa5", accent: "#e8743b"}',
        "\n      accent: '#e8743b'\n      primary: #4a6fa5",
        "brands[0].colors.primary",
        ("has no value", "quotes"),
    ),
    "bad color": Wrong('"#4a6fa5"', '"blue"', "brands[0].colors.primary", ("blue", "#rrggbb")),
    "unknown mood": Wrong(
        "closing: [下次见。]",
        "closing: [{text: 下次见。, mood: sad}]",
        "brands[0].script.closing[0].mood",
        ("sad", "calm"),
    ),
    "unknown platform": Wrong(
        "platform: douyin", "platform: duoyin", "shops[0].platform", ("duoyin", "mean douyin?")
    ),
    "forbidden platform": Wrong(
        "platform: douyin", "platform: xiaohongshu", "shops[0].platform", ("forbids", "小红书")
    ),
    "unknown persona": Wrong(
        'persona: sweet\n    endpoint: {url: "rtmp://127.0.0.1:1935',
        'persona: swet\n    endpoint: {url: "rtmp://127.0.0.1:1935',
        "shops[0].persona",
        ("swet", "mean sweet?"),
    ),
    "unknown brand": Wrong(
        "brand: suyun\n    platform: douyin",
        "brand: suyum\n    platform: douyin",
        "shops[0].brand",
        ("suyum", "mean suyun?"),
    ),
    "unknown product": Wrong(
        '    persona: sweet\n    endpoint: {url: "rtmp://127.0.0.1:1935',
        '    persona: sweet\n    products: [tawel]\n    endpoint: {url: "rtmp://127.0.0.1:1935',
        "shops[0].products[0]",
        ("tawel", "mean towel?"),
    ),
    "script of an unknown product": Wrong(
        "        towel: [", "        towle: [", "brands[0].script.products.towle", ("mean towel?",)
    ),
    "unknown operator": Wrong(
        "platform: douyin",
        "platform: douyin\n    operator: zhuo",
        "shops[0].operator",
        ("zhuo", "mean zhou?"),
    ),
    "nobody named": Wrong(
        "  - {id: zhou, name: 周示例}",
        "  - {id: zhou, name: 周示例}\n  - {id: wu, name: 吴样例}",
        "shops[0]",
        ("nobody answers", "zhou or wu"),
    ),
    "unknown profile": Wrong(
        "platform: douyin",
        "platform: douyin\n    profile: portrait-721",
        "shops[0].profile",
        ("portrait-721", "mean portrait-720?"),
    ),
    "unknown voice": Wrong(
        "zf_xiaoxiao", "zf_xiaoxia", "personas[0].voice.name", ("zf_xiaoxia", "mean zf_xiaoxiao?")
    ),
    "unknown style": Wrong(
        "style: toon-head",
        "style: toonhead",
        "personas[0].look.style",
        ("toonhead", "mean toon-head?"),
    ),
    "unknown look option": Wrong(
        "hairVariant: bun",
        "hairVariants: bun",
        "personas[0].look.options.hairVariants",
        ("mean hairVariant?",),
    ),
    "unknown hair": Wrong(
        "hairVariant: bun",
        "hairVariant: buns",
        "personas[0].look.options.hairVariant",
        ("buns", "mean bun?"),
    ),
    "bad look color": Wrong(
        '"#2c1b18"', "brown", "personas[0].look.options.hairColor", ("brown", "#rrggbb")
    ),
    "taken id": Wrong("id: two", "id: one", "shops[1].id", ("taken on line 34", "own id")),
    "bad hours": Wrong("08:00-12:00", "8-12", "shops[0].hours[0]", ("form", "8-12", "00:00-24:00")),
    "no such hour": Wrong("08:00-12:00", "08:00-25:00", "shops[0].hours[0]", ("form", "25:00")),
    "no stretch": Wrong("08:00-12:00", "08:00-08:00", "shops[0].hours[0]", ("no stretch", "08:00")),
    "overlapping hours": Wrong(
        "13:00-24:00", "11:30-14:00", "shops[0].hours[1]", ("overlaps 08:00-12:00", "11:30-14:00")
    ),
    "overlap past midnight": Wrong(
        "13:00-24:00", "22:00-09:00", "shops[0].hours[1]", ("overlaps 08:00-12:00", "22:00")
    ),
    "no such zone": Wrong(
        "  name: 林娜\n",
        "  name: 林娜\n  time_zone: Asia/Shangai\n",
        "streamer.time_zone",
        ("Asia/Shangai", "mean Asia/Shanghai?"),
    ),
    "price above was": Wrong(
        "was: 39.90", "was: 19.90", "brands[0].products[0].was", ("above the price, 29.9", "19.9")
    ),
    "unreachable picture": Wrong(
        "towel.png", "towl.png", "brands[0].products[0].picture", ("No such file", "towl.png")
    ),
    "no picture": Wrong(
        "towel.png", "matrix.yaml", "brands[0].products[0].picture", ("no picture", "PNG")
    ),
    "picture by address": Wrong(
        "towel.png",
        "https://example.com/a/towel.png",
        "brands[0].products[0].picture",
        ("a file, not an address",),
    ),
    "empty line": Wrong("[下次见。]", "['  ']", "brands[0].script.closing[0]", ("is empty",)),
    "no opening": Wrong(
        'opening: ["我是{streamer}的数字人主播，由人工智能生成。"]',
        "opening: []",
        "brands[0].script.opening",
        ("empty", "script.opening"),
    ),
    "undisclosed host": Wrong(
        "，由人工智能生成", "", "brands[0].script.opening", ("generated by AI", "人工智能生成")
    ),
    "nothing about a product": Wrong(
        '        towel: ["{name}原价{was}，今天{price}。", 毛圈厚实，吸水快。]',
        "        towel: []",
        "brands[0].script.products.towel",
        ("empty", "script.products.towel"),
    ),
    "unknown placeholder": Wrong(
        "今天{price}",
        "今天{prise}",
        "brands[0].script.products.towel[0]",
        ("{prise}", "mean price?"),
    ),
    "placeholder without its fact": Wrong(
        "        was: 39.90\n", "", "brands[0].script.products.towel[0]", ("{was}", "price")
    ),
    "broken braces": Wrong(
        "今天{price}", "今天{price", "brands[0].script.products.towel[0]", ("braces", "{price}")
    ),
    "a price of its own": Wrong(
        "今天{price}", "今天19.9元", "brands[0].script.products.towel[0]", ("19.9", "{price}")
    ),
    "a line twice": Wrong(
        "closing: [下次见。]",
        "closing: [慢慢看，不着急！]",
        "personas[0].catchphrases[0]",
        ("said already on line 32", "twice"),
    ),
    "missing environment": Wrong(
        "env:KEY_A", "env:KEY_C", "shops[0].endpoint.key", ("KEY_C is not set", "Set it")
    ),
    "missing key file": Wrong(
        "env:KEY_A", "file:/nowhere/key", "shops[0].endpoint.key", ("/nowhere/key", "No such file")
    ),
    "inline key": Wrong(
        "env:KEY_A", SECRET, "shops[0].endpoint.key", ("not be the key itself", "env:NAME")
    ),
    "unknown key in an endpoint": Wrong(
        'key: "env:KEY_A"',
        f'key: "env:KEY_A", {SECRET}: 1',
        "shops[0].endpoint",
        ("unknown", "url, key"),
    ),
    "a key for an endpoint": Wrong(
        '{url: "rtmp://127.0.0.1:1935/live", key: "env:KEY_A"}',
        SECRET,
        "shops[0].endpoint",
        ("block of keys",),
    ),
    "a key for an address": Wrong(
        '"rtmp://127.0.0.1:1935/live"', SECRET, "shops[0].endpoint.url", ("rtmps",)
    ),
    "no port": Wrong(
        "127.0.0.1:1935", f"127.0.0.1:{SECRET}", "shops[0].endpoint.url", ("isn't an address",)
    ),
    "no key": Wrong(', key: "env:KEY_A"', "", "shops[0].endpoint.key", ("is missing", "env:NAME")),
    "key in the address": Wrong(
        "1935/live",
        f"1935/live?auth={SECRET}",
        "shops[0].endpoint.url",
        ("secret", "env:NAME"),
    ),
    "address elsewhere": Wrong(
        "trade: 家纺", f"trade: rtmp://h/app/{SECRET}", "brands[0].trade", ("doesn't belong here",)
    ),
    "no scheme of ours": Wrong(
        "rtmp://127.0.0.1:1935", "http://127.0.0.1:1935", "shops[0].endpoint.url", ("http", "rtmps")
    ),
    "scheme not taken": Wrong(
        "rtmp://127.0.0.1:1935",
        "srt://127.0.0.1:1935",
        "shops[0].endpoint.url",
        ("抖音", "rtmp, rtmps"),
    ),
    "one target twice": Wrong(
        "    platform: taobao\n    persona: sweet\n"
        '    endpoint: {url: "rtmp://127.0.0.1:1936/live", key: "env:KEY_B"}',
        "    platform: douyin\n    persona: sweet\n"
        '    endpoint: {url: "rtmp://127.0.0.1:1936/live", key: "env:KEY_A"}',
        "shops[1].endpoint",
        ("same target as shop one on line 34", "own stream key"),
    ),
    "label without its elements": Wrong(
        "streamer:\n", "label: 数字人\nstreamer:\n", "label", ("element", "数字人", "人工智能")
    ),
    "label too long": Wrong(
        "streamer:\n",
        "label: 本直播间由人工智能技术生成的数字人主播讲解\nstreamer:\n",
        "label",
        ("too long",),
    ),
    "no glyph": Wrong(
        "name: 云朵毛巾", "name: 云朵毛巾🎉", "brands[0].products[0].name", ("U+1F389", "glyph")
    ),
    "a key twice": Wrong(
        "    trade: 家纺", "    trade: 家纺\n    trade: 茶", "brands[0].trade", ("stands twice",)
    ),
}


@pytest.mark.parametrize("wrong", KINDS.values(), ids=KINDS.keys())
def test_a_mistake_is_named_with_its_place_and_its_remedy(desk: Desk, wrong: Wrong) -> None:
    assert wrong.old in GOOD
    found = desk.problems(GOOD.replace(wrong.old, wrong.new, 1))
    here = [problem for problem in found if problem.path == wrong.path]
    assert here, f"nothing at {wrong.path}: {[str(problem) for problem in found]}"
    text = " ".join(map(str, here))
    assert all(part in text for part in wrong.says), text
    assert all(problem.line and problem.remedy for problem in here)


def test_a_good_file_has_no_problems(desk: Desk) -> None:
    assert len(desk.read(GOOD).streams()) == 2


def test_a_problem_names_the_line_that_is_to_be_mended(desk: Desk) -> None:
    (problem,) = desk.problems(GOOD.replace("was: 39.90", "was: 19.90"))
    assert problem.line == 1 + GOOD[: GOOD.index("was: 39.90")].count("\n")
    assert problem.value == "19.9"


def test_all_problems_are_named_at_once(desk: Desk) -> None:
    document = GOOD
    chosen: tuple[str, ...] = (
        "unknown platform",
        "unknown voice",
        "price above was",
        "unreachable picture",
    )
    chosen += ("missing environment", "bad color", "empty line", "overlapping hours")
    for name in chosen:
        wrong = KINDS[name]
        document = document.replace(wrong.old, wrong.new, 1)
    found = {problem.path for problem in desk.problems(document)}
    assert found >= {KINDS[name].path for name in chosen}


def test_one_mistake_is_one_problem(desk: Desk) -> None:
    for name in (
        "unknown platform",
        "unknown voice",
        "taken id",
        "inline key",
        "bad hours",
        "no such hour",
    ):
        wrong = KINDS[name]
        assert len(desk.problems(GOOD.replace(wrong.old, wrong.new, 1))) == 1, name


@pytest.mark.parametrize(
    "document",
    [
        "",
        "just words",
        "- a\n- b",
        "streamer: {id: linna",
        "a: &a [*a]",
        "a: \x07",
        "a: !!timestamp x\nb: !!bool x\nc: !!int x\nd: !!binary é",
        "brands: [{products: [{price: 1e999999999, was: '1e99999999'}]}]",
        "streamer: !!python/object/apply:os.system [id]",
        "x: &x {a: 1}\ny: {<<: *x}",
        f"shops: [{{endpoint: {{key: {SECRET}: x}}}}]",
        "streamer: 5\noperators: {}\npersonas: [1, null]\nbrands: text\nshops: [[]]",
    ],
)
def test_what_is_no_matrix_at_all_is_said_in_words(desk: Desk, document: str) -> None:
    assert desk.problems(document)


def test_a_file_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="can't be read"):
        load(tmp_path / "none.yaml", Desk.resolve)
