"""ffmpeg's arguments for one endpoint: FLV comes in by its input, and goes out copied.

Measured reasons for what stands here:
- `fpsprobesize 0` and one thread: the output is opened after the first picture and sound, 0.1 s
  instead of 1.3 s, with the codecs still read right (a smaller probe says 44.1 kHz).
- `copyts`: times go out as they came in, so that a new connection may go on where the last ended.
- `send_buffer_size`: an ingest that has stopped taking data is felt in a second instead of ten.
- `rw_timeout` guards the answer to a connection; a stall on air is felt at the kernel, and sooner.
- no duration and file size: a live output can't be gone back to.
- `tls_verify` with the machine's own authorities: ffmpeg 5 verifies nothing unless it is asked.

MPEG-TS, and with it SRT, has no place for the `AIGC` metadata: the label is in the picture there.
The address holds the stream key: it may be handed to a process, and shown nowhere.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit

import ffmpeg

SEND_BUFFER_BYTES = 64 * 1024
ANSWER_SECONDS = 10
_LIVE_FLV: Mapping[str, Any] = MappingProxyType(
    {
        "format": "flv",
        "flvflags": "no_duration_filesize",
        "send_buffer_size": SEND_BUFFER_BYTES,
        "rw_timeout": ANSWER_SECONDS * 1_000_000,
        "tcp_nodelay": 1,
    }
)
_LIVE_TS: Mapping[str, Any] = MappingProxyType({"format": "mpegts", "muxdelay": 0, "muxpreload": 0})
_FILES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        ".flv": {"format": "flv"},
        ".ts": {"format": "mpegts", "muxdelay": 0, "muxpreload": 0},
        ".mkv": {"format": "matroska"},
    }
)


def publish_argv(
    program: str, url: str, part: int = 0, authorities: str | None = None
) -> list[str]:
    """The command that publishes to that address, key included.

    `part` counts the connections of one stream; a file is not written over by the next of them.
    `authorities` is the file of certificates that an `rtmps` endpoint's must stand on.
    """
    where = url
    match urlsplit(url).scheme:
        case "rtmp":
            options = _LIVE_FLV
        case "rtmps" if authorities is None:
            options = _LIVE_FLV
        case "rtmps":
            options = {**_LIVE_FLV, "tls_verify": 1, "ca_file": authorities}
        case "srt":
            options = _LIVE_TS
        case "file":
            where, options = _file(url, part)
        case _:
            raise ValueError("an endpoint is rtmp, rtmps, srt or file")
    source = ffmpeg.input("pipe:0", format="flv", threads=1, fpsprobesize=0)
    sink = source.output(where, codec="copy", **options)
    quiet = ("-hide_banner", "-nostats", "-loglevel", "level+info", "-copyts", "-y")
    command: list[str] = sink.global_args(*quiet).compile(cmd=program)
    return command


def _file(url: str, part: int) -> tuple[str, Mapping[str, Any]]:
    path = PurePosixPath(unquote(urlsplit(url).path))
    if path.suffix not in _FILES:
        raise ValueError(f"a file endpoint ends in {', '.join(_FILES)}")
    if part:
        path = path.with_name(f"{path.stem}-{part}{path.suffix}")
    return f"file:{path}", _FILES[path.suffix]
