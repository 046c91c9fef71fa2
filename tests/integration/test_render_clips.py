"""Clips as they come out of the renderer, judged by decoding them."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from orchestrator.compliance.ai_label import DEFAULT_TEXT, label_box, min_glyph_height
from orchestrator.compliance.aigc import METADATA_KEY, is_aigc_value
from orchestrator.domain.clip import (
    BrandFace,
    ClipKind,
    ClipRecipe,
    Look,
    Mood,
    PersonaFace,
    Voice,
    clip_key,
)
from orchestrator.domain.media import AAC_PER_UNIT, PORTRAIT_720, PROFILES
from orchestrator.errors import ComplianceRefused, FFmpegFailed, FontMissing, RenderFailed
from workers.media.flv import read_clip
from workers.render.clip import Rendered, encoded, render_clip
from workers.render.face import MOUTH_X, MOUTH_Y
from workers.render.layout import PUPPET_CENTER_X, PUPPET_SCALE, PUPPET_TOP, layout
from workers.render.planes import pixels_of
from workers.render.preview import sample_recipe
from workers.render.puppet_art import CENTER_X
from workers.render.scene import seed_of
from workers.render.sound import Sound, sound_of
from workers.render.speech.contract import MouthShape
from workers.render.still import still
from workers.render.subtitles import subtitles

pytestmark = pytest.mark.timeout(300)
RGB = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Take:
    """A rendered clip, decoded."""

    recipe: ClipRecipe
    path: Path
    rendered: Rendered
    frames: list[RGB]


Renderer = Callable[[ClipRecipe], Take]


@pytest.fixture(scope="module")
def program() -> str:
    return str(imageio_ffmpeg.get_ffmpeg_exe())


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("assets")


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory, assets: Path, program: str) -> Renderer:
    folder = tmp_path_factory.mktemp("clips")
    taken: dict[str, Take] = {}

    def render(recipe: ClipRecipe) -> Take:
        key = clip_key(recipe)
        if key not in taken:
            path = folder / f"{key}.flv"
            rendered = render_clip(recipe, assets, path, program)
            taken[key] = Take(recipe, path, rendered, decoded(path))
        return taken[key]

    return render


def decoded(path: Path) -> list[RGB]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


LINE = replace(sample_recipe(), text="爸爸妈妈都喜欢，八折。")
IDLE = replace(LINE, kind=ClipKind.IDLE, text="", mood=Mood.CALM, seconds=1.92)
SLATE = replace(IDLE, kind=ClipKind.SLATE, persona=None, card=None)
HUMAN = replace(SLATE, text="真人主播时段\n主播马上就到，请稍候")
OTHER_LOOK = Look(
    "toon-head", (("clothesColor", "#2f5d7c"), ("hairVariant", "sideComed")), "another"
)
OTHER = replace(
    IDLE,
    persona=PersonaFace("小例", OTHER_LOOK, Voice("zf_xiaobei")),
    brand=BrandFace("示例茶铺", "#3f6b4f", "#c8963e", "茶饮"),
    shop_name="示例茶铺演示店",
    producer="shili-tea",
)
ALL = pytest.mark.parametrize(
    "recipe", [LINE, IDLE, SLATE, OTHER], ids=["line", "idle", "slate", "other"]
)


@ALL
def test_a_clip_holds_exactly_what_the_grid_asks_for(take: Renderer, recipe: ClipRecipe) -> None:
    done = take(recipe)
    clip = read_clip(done.path)
    assert clip.duration_ms % 320 == 0
    assert clip.frames == len(done.frames) == clip.duration_ms // 40
    assert clip.duration_ms == round(done.rendered.clip_seconds * 1000)
    with av.open(str(done.path)) as container:
        audio = [p for p in container.demux(audio=0) if p.size]
    assert len(audio) * 8 == clip.frames * 15
    assert done.frames[0].shape == (1280, 720, 3)


@ALL
def test_key_frames_stand_every_48_frames_and_nowhere_else(
    take: Renderer, recipe: ClipRecipe
) -> None:
    with av.open(str(take(recipe).path)) as container:
        packets = [p for p in container.demux(video=0) if p.size]
    keys = [n for n, p in enumerate(packets) if p.is_keyframe]
    assert keys == list(range(0, len(packets), 48))
    assert all(p.pts == p.dts for p in packets)


def test_codec_headers_are_the_same_in_all_clips_of_a_profile(take: Renderer) -> None:
    digests = {read_clip(take(r).path).config_digest for r in (LINE, IDLE, SLATE, HUMAN, OTHER)}
    assert len(digests) == 1


def test_a_slate_shows_the_words_that_it_is_given_and_the_label_as_ever() -> None:
    where = layout(PORTRAIT_720, DEFAULT_TEXT)
    one, other = still_of(SLATE), still_of(HUMAN)
    label = np.s_[where.label.top : where.label.top + where.label.height, :]
    assert np.array_equal(one[label], other[label])
    assert not np.array_equal(one, other)
    assert subtitles(HUMAN.text, (), HUMAN.seconds, where) == (), "they aren't spoken"


@ALL
def test_the_metadata_label_is_read_back_from_the_file(take: Renderer, recipe: ClipRecipe) -> None:
    with av.open(str(take(recipe).path)) as container:
        value = container.metadata[METADATA_KEY]
    assert is_aigc_value(value)
    assert clip_key(recipe) in value
    assert json.loads(value)["ContentProducer"] == recipe.producer


@ALL
def test_every_glyph_of_the_label_reaches_five_percent_of_the_short_side(
    take: Renderer, recipe: ClipRecipe
) -> None:
    box = label_box(PORTRAIT_720, DEFAULT_TEXT)
    frames = take(recipe).frames
    for frame in (frames[0], frames[len(frames) // 2], frames[-1]):
        plate = frame[box.top : box.top + box.height, box.left : box.left + box.width]
        ink = plate[6:-6, 8:-8].astype(int).min(axis=2) > 128
        heights = glyph_heights(ink)
        tall = [h for h in heights if h > 20]
        assert len(tall) >= len("AI生成数字人主播")
        assert min(tall) >= min_glyph_height(720)


def glyph_heights(ink: NDArray[np.bool_]) -> list[int]:
    """Heights of what stands apart from its neighbors, left to right."""
    columns = np.flatnonzero(np.diff(np.concatenate([[0], ink.any(axis=0).view(np.int8), [0]])))
    heights = []
    for left, right in columns.reshape(-1, 2):
        rows = np.flatnonzero(ink[:, left:right].any(axis=1))
        heights.append(int(rows[-1] - rows[0] + 1))
    return heights


@ALL
def test_the_label_looks_the_same_in_every_frame(take: Renderer, recipe: ClipRecipe) -> None:
    box = label_box(PORTRAIT_720, DEFAULT_TEXT)
    cut = np.s_[box.top : box.top + box.height, box.left : box.left + box.width]
    first, *rest = (f[cut].astype(int) for f in take(recipe).frames)
    assert max(float(np.abs(first - f).mean()) for f in rest) < 4


def mouth_of(frame: RGB) -> NDArray[np.int64]:
    x = round(PUPPET_CENTER_X + (MOUTH_X - CENTER_X) * PUPPET_SCALE)
    y = round(PUPPET_TOP + (MOUTH_Y + 10) * PUPPET_SCALE)
    return frame[y - 50 : y + 60, x - 70 : x + 70].astype(np.int64)


def darkness(frame: RGB) -> int:
    """Pixels of an open mouth's inside: dark red."""
    red, green, blue = np.moveaxis(mouth_of(frame), 2, 0)
    return int(((red > 70) & (red < 140) & (green < 48) & (blue < 60)).sum())


def test_lips_are_closed_in_silence_and_move_in_speech(take: Renderer) -> None:
    done, sound = take(LINE), sound_of(LINE, 1)
    quiet, loud = [], []
    for n, frame in enumerate(done.frames):
        shape = next(
            (s.shape for s in sound.shapes if s.start <= (n + 0.5) / 25 < s.end), MouthShape.REST
        )
        if shape is MouthShape.REST:
            quiet.append(darkness(frame))
        elif shape in (MouthShape.A, MouthShape.O, MouthShape.E):
            loud.append(darkness(frame))
    assert max(quiet) < 60
    assert np.median(loud) > 250
    assert len({d // 100 for d in map(darkness, done.frames)}) >= 4


def test_lips_stay_closed_in_an_idle_clip(take: Renderer) -> None:
    assert max(map(darkness, take(IDLE).frames)) < 60


def test_the_price_on_the_card_is_the_recipes(take: Renderer) -> None:
    where = layout(PORTRAIT_720, DEFAULT_TEXT)
    shown = take(IDLE).frames[10]
    card = IDLE.card
    assert card is not None
    same = still_of(IDLE)
    other = still_of(replace(IDLE, card=replace(card, price="139.00")))
    box = where.card
    cut = np.s_[box.top + box.height // 2 : box.bottom, box.left + box.width // 2 : box.right]
    near, far = (np.abs(shown[cut].astype(int) - s[cut]).mean() for s in (same, other))
    assert near < 4
    assert far > near * 1.5


def still_of(recipe: ClipRecipe) -> RGB:
    return pixels_of(still(recipe, Path()))


def test_the_picture_never_freezes(take: Renderer) -> None:
    for recipe in (IDLE, LINE, SLATE):
        frames = take(recipe).frames
        for second in range(0, len(frames) - 12, 12):
            apart = np.abs(frames[second].astype(int) - frames[second + 11])
            assert apart.max() > 20


def test_any_clip_follows_any_other_without_a_jump(take: Renderer) -> None:
    takes = [take(r) for r in (IDLE, LINE, replace(IDLE, variant=1))]
    stage = layout(PORTRAIT_720, DEFAULT_TEXT).stage
    cut = np.s_[stage.top : stage.top + 600, stage.left : stage.right]
    for one in takes:
        inside = max(distance(a[cut], b[cut]) for a, b in pairwise(one.frames))
        for other in takes:
            assert distance(one.frames[-1][cut], other.frames[0][cut]) < max(inside, 2.5)


def distance(one: RGB, other: RGB) -> float:
    return float(np.abs(one.astype(int) - other).mean())


def test_a_join_is_inaudible(take: Renderer) -> None:
    """Clips decoded one after another, as a viewer's player does: no step, click or silence."""
    paths = [take(r).path for r in (IDLE, OTHER, LINE, IDLE, SLATE, OTHER)]
    samples, joins = joined_sound(paths)
    high = np.abs(np.diff(samples, n=2))
    for at in joins:
        quiet = decibels(samples[at + 1024 : at + 4096])
        assert decibels(samples[at - 1024 : at + 1024]) == pytest.approx(quiet, abs=1.0)
        assert high[at - 64 : at + 64].max() <= 1.5 * high[at + 1024 : at + 4096].max()


def decibels(samples: NDArray[np.float64]) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(samples**2))))


def test_a_loop_that_is_cut_at_an_edge_is_followed_without_a_click(take: Renderer) -> None:
    """The room goes on at the same level, whoever takes over wherever on the grid."""
    paths = [take(r).path for r in (IDLE, OTHER, IDLE, SLATE, IDLE, OTHER)]
    for units in (1, 2, 3):
        samples, joins = joined_sound(paths, units * AAC_PER_UNIT)
        high = np.abs(np.diff(samples, n=2))
        for at in joins:
            quiet = decibels(samples[at + 1024 : at + 4096])
            assert decibels(samples[at - 1024 : at + 1024]) == pytest.approx(quiet, abs=3.0)
            assert high[at - 1024 : at + 1024].max() <= 2 * high[at + 1024 : at + 4096].max()


def joined_sound(
    paths: list[Path], most: int | None = None
) -> tuple[NDArray[np.float64], list[int]]:
    """Sound of the clips, or of so many AAC frames of each, and where they join."""
    decoder = None
    parts: list[NDArray[np.float64]] = []
    joins, at = [], 0
    for path in paths:
        with av.open(str(path)) as container:
            stream = container.streams.audio[0]
            if decoder is None:
                decoder = av.CodecContext.create("aac", "r")
                decoder.extradata = stream.codec_context.extradata
            packets = [packet for packet in container.demux(stream) if packet.size]
            for packet in packets[:most]:
                for frame in decoder.decode(av.Packet(bytes(packet))):
                    parts.append(frame.to_ndarray()[0].astype(np.float64))
                    at += 1024
            joins.append(at)
    return np.concatenate(parts), joins[:-1]


def test_the_same_recipe_gives_the_same_clip(take: Renderer, assets: Path, program: str) -> None:
    first = read_clip(take(IDLE).path).body
    again = encoded(IDLE, sound_of(IDLE, seed(IDLE)), assets, program)
    other = encoded(IDLE, sound_of(IDLE, seed(IDLE)), assets, program)
    assert [v.data for v in again.video] == [v.data for v in other.video]
    assert all(v.data in first for v in again.video)


def seed(recipe: ClipRecipe) -> int:
    return seed_of(recipe) % 2**31


@pytest.mark.parametrize("profile", PROFILES)
def test_each_profile_has_its_size_and_its_label(
    take: Renderer, assets: Path, program: str, tmp_path: Path, profile: str
) -> None:
    recipe = replace(IDLE, profile=profile, seconds=0.32)
    path = tmp_path / "clip.flv"
    render_clip(recipe, assets, path, program)
    frame = decoded(path)[0]
    known = PROFILES[profile]
    assert frame.shape == (known.height, known.width, 3)
    box = label_box(known)
    plate = frame[box.top + 4 : box.top + box.height - 4, box.left + 12 : box.left + box.width - 12]
    assert plate.max() > 235
    assert np.median(plate) < 40


def test_a_product_picture_is_found_by_its_content(program: str, tmp_path: Path) -> None:
    source = tmp_path / "source.png"
    Image.new("RGB", (300, 200), (10, 200, 30)).save(source)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    source.rename(tmp_path / f"{digest}.png")
    assert IDLE.card is not None
    recipe = replace(IDLE, seconds=0.32, card=replace(IDLE.card, picture=digest))
    path = tmp_path / "clip.flv"
    render_clip(recipe, tmp_path, path, program)
    box = layout(PORTRAIT_720, DEFAULT_TEXT).card
    red, green, blue = decoded(path)[0][box.top + box.height // 2, box.left + 130].astype(int)
    assert green > 170 > 80 > max(red, blue)


def test_a_missing_picture_a_lost_glyph_and_a_bad_label_are_named(
    assets: Path, program: str, tmp_path: Path
) -> None:
    into = tmp_path / "clip.flv"
    assert IDLE.card is not None
    with pytest.raises(RenderFailed, match="assets folder"):
        render_clip(replace(IDLE, card=replace(IDLE.card, picture="0" * 64)), assets, into, program)
    with pytest.raises(FontMissing, match=r"U\+1F970"):
        render_clip(replace(IDLE, shop_name="小店\U0001f970"), assets, into, program)
    with pytest.raises(ComplianceRefused, match="生成"):
        render_clip(replace(IDLE, label="数字人"), assets, into, program)
    with pytest.raises(RenderFailed, match="portrait-720"):
        render_clip(replace(IDLE, profile="cinema"), assets, into, program)
    assert not into.exists()


def test_an_encoder_that_fails_says_why(assets: Path, tmp_path: Path) -> None:
    with pytest.raises(FFmpegFailed, match="can't be started"):
        render_clip(IDLE, assets, tmp_path / "clip.flv", str(tmp_path / "no-ffmpeg"))
    with pytest.raises(FFmpegFailed, match="encoder failed"):
        render_clip(IDLE, assets, tmp_path / "clip.flv", "/bin/false")


def test_sound_fills_whole_grid_units() -> None:
    sound: Sound = sound_of(replace(IDLE, seconds=5.0), 3)
    assert sound.units == 16
    assert sound.frames == 128
