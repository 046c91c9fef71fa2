"""AMF0, as far as FLV's script data needs it: names, numbers, truths, flat tables.

Read: number, boolean, string, long string, null, undefined, date, object, ECMA array, strict array.
Written: one event name and one ECMA array of numbers, booleans and strings. References, typed
objects, XML and AMF3 are out of scope and refused.
"""

import struct
from collections.abc import Mapping
from typing import TypeAlias

Plain: TypeAlias = str | float | bool
Value: TypeAlias = "Plain | list[Value] | dict[str, Value] | None"

NUMBER, BOOLEAN, STRING, OBJECT, NULL, UNDEFINED = 0, 1, 2, 3, 5, 6
ECMA_ARRAY, OBJECT_END, STRICT_ARRAY, DATE, LONG_STRING = 8, 9, 10, 11, 12
_END = b"\x00\x00" + bytes([OBJECT_END])
_SHORT_STRING = 0xFFFF
_DEEPEST = 16


class AmfError(ValueError):
    """Bytes that aren't AMF0, or a kind of it that is out of scope."""


def script(name: str, table: Mapping[str, Plain]) -> bytes:
    """The body of a script tag: an event name and its table."""
    rows = b"".join(_name(key) + _value(value) for key, value in table.items())
    return bytes([STRING]) + _name(name) + struct.pack(">BI", ECMA_ARRAY, len(table)) + rows + _END


def read_script(data: bytes) -> tuple[str, dict[str, Value]]:
    """Event name and table of a script tag's body."""
    name, at = _read(data, 0)
    table, _ = _read(data, at)
    if not isinstance(name, str) or not isinstance(table, dict):
        raise AmfError("a script tag holds a name and a table")
    return name, table


def _name(text: str) -> bytes:
    raw = text.encode()
    if len(raw) > _SHORT_STRING:
        raise AmfError("a name is longer than AMF0 allows")
    return struct.pack(">H", len(raw)) + raw


def _value(value: Plain) -> bytes:
    if isinstance(value, bool):
        return bytes([BOOLEAN, value])
    if isinstance(value, str):
        raw = value.encode()
        if len(raw) > _SHORT_STRING:
            return struct.pack(">BI", LONG_STRING, len(raw)) + raw
        return struct.pack(">BH", STRING, len(raw)) + raw
    return struct.pack(">Bd", NUMBER, value)


def _read(data: bytes, at: int, depth: int = 0) -> tuple[Value, int]:
    if depth > _DEEPEST:
        raise AmfError("nested too deeply")
    try:
        return _read_kind(data, data[at], at + 1, depth)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise AmfError("script data ends early or isn't text") from error


def _read_kind(data: bytes, kind: int, at: int, depth: int) -> tuple[Value, int]:
    if kind in (NUMBER, DATE):
        number: float = struct.unpack_from(">d", data, at)[0]
        return number, at + (8 if kind == NUMBER else 10)
    if kind == BOOLEAN:
        return data[at] != 0, at + 1
    if kind in (NULL, UNDEFINED):
        return None, at
    if kind in (STRING, LONG_STRING):
        return _text(data, at, ">H" if kind == STRING else ">I")
    return _read_many(data, kind, at, depth)


def _read_many(data: bytes, kind: int, at: int, depth: int) -> tuple[Value, int]:
    if kind == OBJECT:
        return _table(data, at, depth)
    if kind == ECMA_ARRAY:
        return _table(data, at + 4, depth)
    if kind == STRICT_ARRAY:
        (count,) = struct.unpack_from(">I", data, at)
        at += 4
        items: list[Value] = []
        for _ in range(count):
            item, at = _read(data, at, depth + 1)
            items.append(item)
        return items, at
    raise AmfError(f"AMF0 kind {kind} is out of scope")


def _table(data: bytes, at: int, depth: int) -> tuple[dict[str, Value], int]:
    table: dict[str, Value] = {}
    while True:
        name, at = _text(data, at, ">H")
        if not name and data[at] == OBJECT_END:
            return table, at + 1
        table[name], at = _read(data, at, depth + 1)


def _text(data: bytes, at: int, length: str) -> tuple[str, int]:
    (size,) = struct.unpack_from(length, data, at)
    start = at + struct.calcsize(length)
    if start + size > len(data):
        raise AmfError("a string ends after its data")
    return data[start : start + size].decode(), start + size
