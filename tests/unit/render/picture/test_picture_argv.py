"""The encoder's command line."""

from pathlib import Path

import pytest

from orchestrator.domain.media import PORTRAIT_720, PROFILES, Profile
from workers.media.argv_render import EncodeJob, Overlay, encode_argv


def job(profile: Profile = PORTRAIT_720, subtitles: tuple[Overlay, ...] = ()) -> EncodeJob:
    return EncodeJob(
        profile=profile,
        sound=Path("sound.f32"),
        subtitles=subtitles,
        output=Path("out.flv"),
    )


def option(argv: list[str], name: str) -> str:
    return argv[argv.index(name) + 1]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_pictures_follow_the_grid_and_parameter_sets_stay_fixed(profile: Profile) -> None:
    argv = encode_argv("ffmpeg", job(profile))
    assert option(argv, "-g") == option(argv, "-keyint_min") == "48"
    assert option(argv, "-bf") == "0"
    assert option(argv, "-sc_threshold") == "0"
    assert option(argv, "-pix_fmt") == "yuv420p"
    assert "stitchable=1" in option(argv, "-x264-params")
    assert option(argv, "-maxrate") == f"{profile.video_kbps}k"
    assert option(argv, "-threads").isdigit()


def test_sound_is_aac_lc_at_the_grids_rate() -> None:
    argv = encode_argv("ffmpeg", job())
    assert option(argv, "-c:a") == "aac"
    assert option(argv, "-profile:a") == "aac_low"
    assert option(argv, "-ar") == "48000"


def test_pictures_are_piped_whole_and_subtitles_have_their_time() -> None:
    piece = Overlay(Path("s.yuva"), 40, 860, 400, 58, 0.24, 1.5)
    argv = encode_argv("ffmpeg", job(subtitles=(piece,)))
    assert argv.count("pipe:0") == 1
    graph = option(argv, "-filter_complex")
    assert "x=40" in graph
    assert "between(t" in graph
    assert graph.count("overlay") == 1
