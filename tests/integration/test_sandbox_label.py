"""The label on decoded pixels: seen where it is, missed where it isn't."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from orchestrator.compliance.ai_label import DEFAULT_TEXT, FONT_WEIGHT, INK, PLATE, label_box
from orchestrator.domain.media import PORTRAIT_720, PORTRAIT_1080, Profile
from orchestrator.errors import MediaError
from orchestrator.sandbox.label import label_check
from orchestrator.sandbox.label_sight import Pixels, expected_label, look
from tests.support.ffmpeg import QUIET, ffmpeg
from tests.support.fonts import noto

Paint = Callable[[Image.Image], None]


def picture(profile: Profile, *paints: Paint) -> Image.Image:
    """A busy background, with what the paints put on it."""
    noise = np.random.default_rng(7).integers(60, 220, (32, 18, 3), dtype=np.uint8)
    image = Image.fromarray(noise).resize((profile.width, profile.height), Image.Resampling.BICUBIC)
    for paint in paints:
        paint(image)
    return image


def plate(profile: Profile) -> Paint:
    box = label_box(profile)
    edges = (box.left, box.top, box.left + box.width, box.top + box.height)
    return lambda image: ImageDraw.Draw(image).rounded_rectangle(edges, 12, fill=PLATE)


def letters(
    profile: Profile,
    text: str = DEFAULT_TEXT,
    share: float = 1.0,
    color: tuple[int, int, int] = INK,
) -> Paint:
    box = label_box(profile)
    font = noto(round(box.font_size * share), FONT_WEIGHT)
    at = (box.text_left, box.baseline)
    return lambda image: ImageDraw.Draw(image).text(at, text, font=font, fill=color, anchor="ls")


def cover(profile: Profile, character: str) -> Paint:
    box = label_box(profile)
    found = next(
        one for one in expected_label(profile, DEFAULT_TEXT).letters if one.character == character
    )
    edges = (box.left + found.left, box.top, box.left + found.right, box.top + box.height)
    return lambda image: ImageDraw.Draw(image).rectangle(edges, fill=(200, 40, 40))


def pixels(image: Image.Image) -> Pixels:
    return np.asarray(image, dtype=np.uint8)


@pytest.mark.parametrize("profile", [PORTRAIT_720, PORTRAIT_1080])
def test_a_label_as_the_rules_want_it_is_readable(profile: Profile) -> None:
    image = picture(profile, plate(profile), letters(profile))
    sight = look(pixels(image), expected_label(profile, DEFAULT_TEXT))
    assert sight.readable
    assert sight.glyph_px >= 0.05 * profile.short_side
    assert sight.contrast > 15


@pytest.mark.parametrize(
    "paints",
    [
        (),
        (plate(PORTRAIT_720),),
        (letters(PORTRAIT_720),),
        (plate(PORTRAIT_720), letters(PORTRAIT_720, "限时特惠 · 今日有礼")),
        (plate(PORTRAIT_720), letters(PORTRAIT_720, share=0.9)),
        (plate(PORTRAIT_720), letters(PORTRAIT_720, color=(95, 95, 95))),
        (plate(PORTRAIT_720), letters(PORTRAIT_720), cover(PORTRAIT_720, "A")),
        (plate(PORTRAIT_720), letters(PORTRAIT_720), cover(PORTRAIT_720, "成")),
        (plate(PORTRAIT_720), letters(PORTRAIT_720), cover(PORTRAIT_720, "播")),
    ],
    ids=["nothing", "plate", "no plate", "words", "small", "pale", "no A", "no 成", "no 播"],
)
def test_anything_less_is_not(paints: tuple[Paint, ...]) -> None:
    sight = look(pixels(picture(PORTRAIT_720, *paints)), expected_label(PORTRAIT_720, DEFAULT_TEXT))
    assert not sight.readable


def test_a_picture_of_another_size_shows_no_label() -> None:
    image = picture(PORTRAIT_1080, plate(PORTRAIT_1080), letters(PORTRAIT_1080))
    assert not look(pixels(image), expected_label(PORTRAIT_720, DEFAULT_TEXT)).readable


def encode(folder: Path, images: list[Image.Image], frames_each: int, kbps: int = 2500) -> Path:
    """An FLV that shows each picture for so many frames, at a stream's rate."""
    profile = PORTRAIT_720
    path = folder / "recording.flv"
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{profile.width}x{profile.height}"]
    codec = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "48", "-bf", "0", "-threads", "1"]
    codec += ["-pix_fmt", "yuv420p", "-b:v", f"{kbps}k", "-maxrate", f"{kbps}k"]
    argv = [ffmpeg(), *QUIET, "-y", *raw, "-r", "25", "-i", "-", *codec]
    argv += ["-bufsize", f"{kbps}k", "-f", "flv", str(path)]
    data = b"".join(image.tobytes() * frames_each for image in images)
    subprocess.run(argv, input=data, check=True, timeout=60, capture_output=True)
    return path


def test_a_recording_with_the_label_all_along_shows_it_throughout(tmp_path: Path) -> None:
    image = picture(PORTRAIT_720, plate(PORTRAIT_720), letters(PORTRAIT_720))
    check = label_check(encode(tmp_path, [image], 150, kbps=800), 0.5, PORTRAIT_720)
    assert check.visible_throughout
    assert check.frames == 12
    assert check.smallest_glyph_px >= check.required_glyph_px == 36
    assert check.smallest_contrast > 10
    assert check.weakest_match > 0.9


def test_a_recording_whose_label_is_gone_for_a_second_fails(tmp_path: Path) -> None:
    labelled = picture(PORTRAIT_720, plate(PORTRAIT_720), letters(PORTRAIT_720))
    bare = picture(PORTRAIT_720)
    check = label_check(encode(tmp_path, [labelled, bare, labelled], 25), 0.4, PORTRAIT_720)
    assert not check.visible_throughout
    assert (check.frames, check.with_label) == (8, 6)
    assert check.first_without_seconds == pytest.approx(1.2, abs=0.05)


def test_a_recording_without_pictures_shows_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.flv"
    broken.write_bytes(b"not a recording")
    with pytest.raises(MediaError, match=r"broken\.flv"):
        label_check(broken, 1.0, PORTRAIT_720)
