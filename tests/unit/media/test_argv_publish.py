"""The command that publishes."""

import pytest

from workers.media.argv_publish import publish_argv


def option(argv: list[str], name: str) -> str:
    return argv[argv.index(name) + 1]


@pytest.mark.parametrize("url", ["rtmp://h/app/key", "rtmps://h:443/app/?streamname=a&key=b"])
def test_rtmp_is_flv_copied_with_a_small_buffer_and_a_timeout(url: str) -> None:
    argv = publish_argv("/bin/ffmpeg", url)
    assert argv[0] == "/bin/ffmpeg"
    assert url in argv
    assert option(argv, "-codec") == "copy"
    assert int(option(argv, "-send_buffer_size")) <= 256 * 1024
    assert int(option(argv, "-rw_timeout")) > 0
    assert option(argv, "-flvflags") == "no_duration_filesize"
    assert "-copyts" in argv


def test_input_options_stand_before_the_input_and_output_options_after() -> None:
    argv = publish_argv("ffmpeg", "rtmp://h/app/key")
    assert argv.index("-fpsprobesize") < argv.index("-i") < argv.index("-codec")
    assert argv.index("-codec") < argv.index("rtmp://h/app/key")


def test_srt_is_mpegts() -> None:
    argv = publish_argv("ffmpeg", "srt://h:9000?streamid=publish/key")
    assert "mpegts" in argv
    assert "-send_buffer_size" not in argv


def test_a_file_is_not_written_over_by_the_next_connection() -> None:
    commands = [publish_argv("ffmpeg", "file:///tmp/on%20air.flv", part) for part in range(3)]
    names = [next(a for a in argv if a.startswith("file:")) for argv in commands]
    assert names == ["file:/tmp/on air.flv", "file:/tmp/on air-1.flv", "file:/tmp/on air-2.flv"]


@pytest.mark.parametrize("url", ["http://h/app", "file:///tmp/x.wav", "/tmp/x.flv"])
def test_other_addresses_are_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="endpoint") as caught:
        publish_argv("ffmpeg", url)
    assert url not in str(caught.value)
