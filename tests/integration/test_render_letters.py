"""Letters on the picture: the font has them, they fit, subtitles keep time with the voice."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from orchestrator.compliance.ai_label import DEFAULT_TEXT, label_box
from orchestrator.domain.clip import Look, Mood
from orchestrator.domain.looks import TOON_HEAD
from orchestrator.domain.media import PORTRAIT_720, PROFILES, Profile
from orchestrator.domain.phrases import PHRASES
from orchestrator.errors import FontMissing, RenderFailed
from workers.render.face import NEUTRAL
from workers.render.fonts import check_glyphs, missing_glyphs
from workers.render.layout import layout
from workers.render.lettering import NEVER_FIRST, Style, fitted, width_of, wrapped
from workers.render.preview import compose_frame, main, murmured, sample_recipe
from workers.render.puppet_art import art
from workers.render.subtitles import in_pieces, style, subtitles
from workers.render.svg import raster

WHERE = layout(PORTRAIT_720, DEFAULT_TEXT)
SENTENCES = (
    "先看这床云绒冬被。原价399元，今天直播间299元一床，比原价省100元，下单页面写的就是这个数。",
    "尺寸是两米乘两米三，1.5米和1.8米的床都配得上。",
    "这是一句完全没有标点但是非常非常长长到两行字幕也放不下所以必须再拆开一次的直播间口播文案测试句子",
    "好！",
    "用 Type-C 充电，USB 接口，AI生成。",
)


def test_the_font_has_every_glyph_of_ours() -> None:
    table = PHRASES["zh"]
    check_glyphs(DEFAULT_TEXT + "".join(vars(table).values()) + "0123456789.¥/…，。！？")


def test_a_lost_glyph_is_named_with_its_number() -> None:
    with pytest.raises(FontMissing, match=r"U\+1F600"):
        check_glyphs("好\U0001f600")
    assert missing_glyphs("好\U0001f600\U0001f600好") == ("\U0001f600",)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_the_labels_letters_fit_their_plate(profile: Profile) -> None:
    for text in (DEFAULT_TEXT, "人工智能生成·数字人", "AI合成 数字人主播"):
        box = label_box(profile, text)
        end = box.text_left + width_of(text, Style(box.font_size, 700))
        assert end <= box.left + box.width - box.font_size * 0.2


@pytest.mark.parametrize("text", SENTENCES)
def test_subtitles_say_every_letter_once_and_fit(text: str) -> None:
    pieces = in_pieces(text, WHERE)
    said = "".join(line for piece in pieces for line in piece)
    letters = [c for c in text if c.isalnum()]
    assert [c for c in said if c.isalnum()] == letters
    for piece in pieces:
        assert 1 <= len(piece) <= 2
        for line in piece:
            assert width_of(line, style(WHERE)) <= WHERE.subtitle.width
            assert line[0] not in NEVER_FIRST


def test_numbers_and_latin_words_are_not_torn_apart() -> None:
    lines = wrapped("价格是1299.90元买两件送Type-C数据线", Style(30), 200)
    assert any("1299.90" in line for line in lines)
    assert any("Type-C" in line for line in lines)


@pytest.mark.parametrize("text", SENTENCES)
def test_subtitles_follow_one_another_while_the_voice_is_heard(text: str) -> None:
    shapes = murmured(text)
    seconds = shapes[-1].end + 0.4
    shown = subtitles(text, shapes, seconds, WHERE)
    assert shown[0].start <= shapes[0].start
    assert shown[-1].end <= seconds + 0.2
    for one, after in pairwise(shown):
        assert one.end == after.start
        assert one.end > one.start


def test_nobody_speaks_so_no_subtitle_is_shown() -> None:
    assert subtitles("", (), 5.12, WHERE) == ()


def test_what_is_too_long_gets_smaller_and_then_cut() -> None:
    text, look = fitted("高山云雾绿茶礼盒250克装配两只白瓷盖碗", Style(34), 300, 26)
    assert look.size == 26
    assert text.endswith("…")
    assert width_of(text, look) <= 300
    assert fitted("短名", Style(34), 300, 26) == ("短名", Style(34))


@pytest.mark.parametrize("hair", TOON_HEAD["hairVariant"])
def test_every_hair_that_the_matrix_may_name_is_drawn(hair: str) -> None:
    seen = set()
    for rear in TOON_HEAD["rearHairVariant"]:
        drawn = art(Look("toon-head", (("hairVariant", hair), ("rearHairVariant", rear)), "x"))
        assert "hair" in drawn.parts
        assert ("rearHair" in drawn.parts) == (rear != "none")
        seen.add(drawn.defs)
    assert len(seen) == len(TOON_HEAD["rearHairVariant"])


@pytest.mark.parametrize("worn", ["glasses", "earrings", "bow"])
def test_an_accessory_is_seen_in_its_color(worn: str) -> None:
    box = (0.0, 0.0, 768.0, 878.0)
    bare, dressed, blue = (
        raster(art(Look("toon-head", options, "x")).head(NEUTRAL, box), 192, 220)
        for options in (
            (("hairVariant", "sideComed"),),
            (("accessory", worn), ("hairVariant", "sideComed")),
            (("accessory", worn), ("accessoryColor", "#1020ff"), ("hairVariant", "sideComed")),
        )
    )
    assert np.abs(bare.astype(int) - dressed).max() > 60
    assert (np.abs(blue[..., :3].astype(int) - (16, 32, 255)).max(axis=2) < 40).sum() > 20


def test_two_lines_of_a_subtitle_part_where_the_sentence_does() -> None:
    text = "白饭、快煮、煮粥、杂粮、煲汤、蒸煮、热饭、蛋糕都在菜单上"
    assert in_pieces(text, WHERE) == [
        ("白饭、快煮、煮粥、杂粮、煲汤、", "蒸煮、热饭、蛋糕都在菜单上")
    ]


def test_a_look_stays_the_same_and_seeds_differ() -> None:
    box = (0.0, 0.0, 768.0, 878.0)
    one, again, other = (
        raster(art(Look("toon-head", (), seed)).head(NEUTRAL, box), 96, 110) for seed in "aab"
    )
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_an_unknown_style_or_option_is_refused_with_the_remedy() -> None:
    with pytest.raises(RenderFailed, match="toon-head"):
        art(Look("no-such-style"))
    with pytest.raises(RenderFailed, match="look"):
        art(Look("toon-head", (("hairVariant", "mohawk"),), "x"))


def test_a_single_frame_can_be_looked_at(tmp_path: Path) -> None:
    target = tmp_path / "frame.png"
    assert main([str(target)]) == 0
    with Image.open(target) as image:
        assert image.size == (720, 1280)


def test_the_mood_is_seen_in_the_face() -> None:
    recipe = sample_recipe()
    calm, excited = (
        compose_frame(replace(recipe, mood=mood), at_seconds=2.4, assets=Path())
        for mood in (Mood.CALM, Mood.EXCITED)
    )
    assert np.abs(calm.astype(int) - excited).mean() > 0.5
