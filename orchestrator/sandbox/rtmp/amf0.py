"""AMF0: the values in which RTMP commands and stream metadata are written.

Only what publishers send is read: numbers, booleans, strings, objects, arrays, dates, null. A
reference, an XML document or a typed object is a `ProtocolError`. Depth is bounded, because the
bytes come from a stranger; size is bounded by the message that holds them.
"""

import struct
from collections.abc import Mapping
from typing import Final

from orchestrator.sandbox.rtmp.errors import ProtocolError

AmfValue = float | bool | str | None | dict[str, "AmfValue"] | list["AmfValue"]

NUMBER: Final = 0x00
BOOLEAN: Final = 0x01
STRING: Final = 0x02
OBJECT: Final = 0x03
NULL: Final = 0x05
UNDEFINED: Final = 0x06
ECMA_ARRAY: Final = 0x08
OBJECT_END: Final = 0x09
STRICT_ARRAY: Final = 0x0A
DATE: Final = 0x0B
LONG_STRING: Final = 0x0C

MAX_DEPTH = 16


class _Reader:
    """A position in a payload."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            raise ProtocolError("an AMF0 value ends too early")
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def text(self, count: int) -> str:
        return self.take(count).decode("utf-8", errors="replace")

    def short(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def long(self) -> int:
        return int.from_bytes(self.take(4), "big")


def decode_all(data: bytes) -> list[AmfValue]:
    """All values of a payload, in order."""
    reader = _Reader(data)
    values: list[AmfValue] = []
    while reader.at < len(data):
        values.append(_value(reader, 0))
    return values


def _value(reader: _Reader, depth: int) -> AmfValue:
    if depth > MAX_DEPTH:
        raise ProtocolError("AMF0 values are nested too deep")
    marker = reader.take(1)[0]
    if marker in (OBJECT, ECMA_ARRAY, STRICT_ARRAY):
        return _compound(reader, marker, depth)
    return _scalar(reader, marker)


def _scalar(reader: _Reader, marker: int) -> AmfValue:
    if marker == NUMBER:
        return float(struct.unpack(">d", reader.take(8))[0])
    if marker == BOOLEAN:
        return reader.take(1) != b"\x00"
    if marker in (STRING, LONG_STRING):
        return reader.text(reader.short() if marker == STRING else reader.long())
    if marker == DATE:
        return float(struct.unpack(">dh", reader.take(10))[0])
    if marker in (NULL, UNDEFINED):
        return None
    raise ProtocolError(f"AMF0 marker {marker:#04x} isn't understood")


def _compound(reader: _Reader, marker: int, depth: int) -> AmfValue:
    if marker == STRICT_ARRAY:
        count = reader.long()
        return [_value(reader, depth + 1) for _ in range(count)]
    if marker == ECMA_ARRAY:
        reader.long()  # a hint only; writers get it wrong, the end marker counts
    members: dict[str, AmfValue] = {}
    while True:
        name = reader.text(reader.short())
        if not name and reader.data[reader.at : reader.at + 1] == b"\x09":
            reader.at += 1
            return members
        members[name] = _value(reader, depth + 1)


def encode(*values: AmfValue) -> bytes:
    """Values as a payload."""
    return b"".join(_encoded(value) for value in values)


def _encoded(value: AmfValue) -> bytes:
    if value is None:
        return bytes([NULL])
    if isinstance(value, bool):
        return bytes([BOOLEAN, value])
    if isinstance(value, (int, float)):
        return bytes([NUMBER]) + struct.pack(">d", value)
    if isinstance(value, str):
        return _encoded_text(value)
    if isinstance(value, dict):
        return bytes([OBJECT]) + _members(value)
    return bytes([STRICT_ARRAY]) + len(value).to_bytes(4, "big") + encode(*value)


def _encoded_text(text: str) -> bytes:
    raw = text.encode()
    if len(raw) > 0xFFFF:
        return bytes([LONG_STRING]) + len(raw).to_bytes(4, "big") + raw
    return bytes([STRING]) + len(raw).to_bytes(2, "big") + raw


def _members(members: Mapping[str, AmfValue]) -> bytes:
    parts = []
    for name, value in members.items():
        raw = name.encode()
        parts.append(len(raw).to_bytes(2, "big") + raw + _encoded(value))
    return b"".join(parts) + b"\x00\x00" + bytes([OBJECT_END])


def ecma_array(members: Mapping[str, AmfValue]) -> bytes:
    """A mapping as an ECMA array, the form in which `onMetaData` travels."""
    return bytes([ECMA_ARRAY]) + len(members).to_bytes(4, "big") + _members(members)
