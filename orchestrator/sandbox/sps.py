"""The picture size in an H.264 sequence parameter set (ITU-T H.264, 7.3.2.1.1)."""

from typing import Final

HIGH_PROFILES: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})


class _Bits:
    """Reads bits and Exp-Golomb codes; running out of bits is an IndexError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def bits(self, count: int) -> int:
        value = 0
        for _ in range(count):
            value = value << 1 | (self._data[self._at >> 3] >> (7 - (self._at & 7)) & 1)
            self._at += 1
        return value

    def unsigned(self) -> int:
        zeros = 0
        while not self.bits(1):
            zeros += 1
        return (1 << zeros) - 1 + self.bits(zeros)

    def signed(self) -> int:
        code = self.unsigned()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def size_in(avcc: bytes) -> tuple[int, int] | None:
    """(width, height) from an AVC decoder configuration; None if there is none to read."""
    if len(avcc) < 9 or not avcc[5] & 0x1F:
        return None
    length = int.from_bytes(avcc[6:8], "big")
    try:
        return _size(_Bits(avcc[9 : 8 + length].replace(b"\x00\x00\x03", b"\x00\x00")))
    except IndexError:
        return None


def _size(bits: _Bits) -> tuple[int, int]:
    profile = bits.bits(24) >> 16
    bits.unsigned()  # seq_parameter_set_id
    chroma = _high(bits) if profile in HIGH_PROFILES else 1
    bits.unsigned()  # log2_max_frame_num_minus4
    _order_count(bits)
    bits.unsigned()  # max_num_ref_frames
    bits.bits(1)  # gaps_in_frame_num_value_allowed_flag
    width = (bits.unsigned() + 1) * 16
    units = bits.unsigned() + 1
    frames_only = bits.bits(1)
    if not frames_only:
        bits.bits(1)  # mb_adaptive_frame_field_flag
    bits.bits(1)  # direct_8x8_inference_flag
    height = units * 16 * (2 - frames_only)
    if bits.bits(1):
        across = 2 if chroma in (1, 2) else 1
        down = (2 if chroma == 1 else 1) * (2 - frames_only)
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
        width -= (left + right) * across
        height -= (top + bottom) * down
    return width, height


def _high(bits: _Bits) -> int:
    """The part that high profiles add; gives chroma_format_idc."""
    chroma = bits.unsigned()
    if chroma == 3:
        bits.bits(1)  # separate_colour_plane_flag
    bits.unsigned()  # bit_depth_luma_minus8
    bits.unsigned()  # bit_depth_chroma_minus8
    bits.bits(1)  # qpprime_y_zero_transform_bypass_flag
    if bits.bits(1):
        for index in range(8 if chroma != 3 else 12):
            if bits.bits(1):
                _scaling_list(bits, 16 if index < 6 else 64)
    return chroma


def _scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _order_count(bits: _Bits) -> None:
    kind = bits.unsigned()
    if kind == 0:
        bits.unsigned()  # log2_max_pic_order_cnt_lsb_minus4
    elif kind == 1:
        bits.bits(1)  # delta_pic_order_always_zero_flag
        bits.signed()  # offset_for_non_ref_pic
        bits.signed()  # offset_for_top_to_bottom_field
        for _ in range(bits.unsigned()):
            bits.signed()
