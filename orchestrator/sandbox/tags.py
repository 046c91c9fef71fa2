"""What a tag's first bytes say: codec, key frame or not, codec header or frame."""

from typing import Final, NamedTuple

AUDIO: Final = 8
VIDEO: Final = 9
DATA: Final = 18

AVC: Final = 7
AAC: Final = 10
ENHANCED: Final = 0x80
AAC_SAMPLES: Final = 1024
AAC_RATES: Final = (
    96000,
    88200,
    64000,
    48000,
    44100,
    32000,
    24000,
    22050,
    16000,
    12000,
    11025,
    8000,
    7350,
)


class Piece(NamedTuple):
    """A media tag, understood."""

    codec: str
    header: bool
    """A codec header (avcC, AudioSpecificConfig), not a frame."""
    key: bool
    body: bytes
    """For a codec header its bytes; empty for a frame."""
    needs_header: bool = True


def video_piece(payload: bytes) -> Piece | None:
    """A video tag understood; None for empty ones and for what isn't a frame or a header."""
    if len(payload) < 5:
        return None
    first = payload[0]
    key = (first >> 4) & 7 == 1
    if first & ENHANCED:
        return _enhanced(payload, key)
    codec = first & 0x0F
    if codec != AVC:
        return Piece(f"flv-{codec}", header=False, key=key, body=b"", needs_header=False)
    if payload[1] == 0:
        return Piece("h264", header=True, key=key, body=payload[5:])
    return Piece("h264", header=False, key=key, body=b"") if payload[1] == 1 else None


def _enhanced(payload: bytes, key: bool) -> Piece | None:
    codec = payload[1:5].decode("latin-1")
    packet = payload[0] & 0x0F
    if packet == 0:
        return Piece(codec, header=True, key=key, body=payload[5:])
    return Piece(codec, header=False, key=key, body=b"") if packet in (1, 3) else None


def audio_piece(payload: bytes) -> Piece | None:
    """An audio tag understood; None for empty ones."""
    if len(payload) < 2:
        return None
    codec = payload[0] >> 4
    if codec != AAC:
        return Piece(f"flv-{codec}", header=False, key=False, body=b"", needs_header=False)
    header = payload[1] == 0
    return Piece("aac", header=header, key=False, body=payload[2:] if header else b"")


def aac_frame_ms(config: bytes) -> float | None:
    """How long an AAC frame lasts, from the AudioSpecificConfig; None if it doesn't say plainly."""
    if len(config) < 2:
        return None
    index = (config[0] & 7) << 1 | config[1] >> 7
    return AAC_SAMPLES * 1000 / AAC_RATES[index] if index < len(AAC_RATES) else None
