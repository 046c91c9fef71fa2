"""Two changes to the Kokoro graph before it is loaded, neither of which changes a sample of sound.

1. **Durations come out.** The published graph gives only the sound, but computes on the way how
   many frames each phoneme lasts. One more output names that value: the mouth needs it.
2. **A third faster** where the processor has VNNI, which multiplies signed by unsigned
   bytes. The convolutions are unsigned by unsigned, which has no fast way. So each quantized
   activation is made again as signed numbers, its zero point moved by 128 too: the same products,
   exactly. Older processors would clip sums on the signed way; they keep the published one.

An ONNX file is one protobuf message. This edits that message directly, field by field: nodes that
change are written again, all else is copied as it is. The order of nodes doesn't matter to the
runtime. Tests prove both changes against the unedited model.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MODEL_GRAPH = 7
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_OUTPUT = 1, 5, 12
_NODE_INPUT, _NODE_OUTPUT, _NODE_NAME, _NODE_OP, _NODE_ATTRIBUTE = 1, 2, 3, 4, 5
_INT8, _INT32 = 3, 6
_HALF = "doppelcast/half"
"""128 as int32: what lies between unsigned and signed bytes."""


@dataclass(frozen=True)
class _Field:
    number: int
    whole: memoryview
    """With its tag and length."""
    content: memoryview
    """Of a field of bytes; empty for numbers."""


def prepared(model: bytes, output: str, signed: bool) -> bytes:
    """The model with one more output and, if asked, its convolutions on signed activations."""
    pieces: list[bytes | memoryview] = []
    for field in _fields(memoryview(model)):
        if field.number == _MODEL_GRAPH:
            nodes = _signed_graph(field.content) if signed else [field.content]
            graph = [*nodes, _one_more_output(output)]
            size = sum(len(piece) for piece in graph)
            pieces += [_tag(_MODEL_GRAPH, _BYTES) + _varint(size), *graph]
        else:
            pieces.append(field.whole)
    return b"".join(pieces)


def _signed_graph(graph: memoryview) -> Iterator[bytes | memoryview]:
    quantizers: dict[str, tuple[str, ...]] = {}
    wanted: dict[str, str] = {}
    for field in _fields(graph):
        op = _strings(field, _NODE_OP) if field.number == _GRAPH_NODE else ()
        if op == ("ConvInteger",):
            quantized, _weight, zero_point, *_ = _strings(field, _NODE_INPUT)
            wanted[quantized] = zero_point
            yield _on_signed_input(field)
            continue
        if op == ("DynamicQuantizeLinear",):
            (source,) = _strings(field, _NODE_INPUT)
            quantized, scale, _zero_point = _strings(field, _NODE_OUTPUT)
            quantizers[quantized] = (source, scale)
        yield field.whole
    yield _int32_constant(_HALF, 128)
    for quantized, zero_point in wanted.items():
        source, scale = quantizers[quantized]
        yield _signed_quantizer(quantized, source, scale, zero_point)


def _on_signed_input(conv: _Field) -> bytes:
    """A ConvInteger that takes the signed activation and zero point instead of the unsigned."""
    quantized = _strings(conv, _NODE_INPUT)[0]
    inputs = iter((f"{quantized}/signed", None, f"{quantized}/zero", None))
    fields = []
    for field in _fields(conv.content):
        other = next(inputs) if field.number == _NODE_INPUT else None
        fields.append(bytes(field.whole) if other is None else _text(_NODE_INPUT, other))
    return _field(_GRAPH_NODE, b"".join(fields))


def _signed_quantizer(quantized: str, source: str, scale: str, zero_point: str) -> bytes:
    wide, moved = f"{quantized}/wide", f"{quantized}/moved"
    zero, signed = f"{quantized}/zero", f"{quantized}/signed"
    return b"".join(
        (
            _node("Cast", (zero_point,), wide, _to(_INT32)),
            _node("Sub", (wide, _HALF), moved),
            _node("Cast", (moved,), zero, _to(_INT8)),
            _node("QuantizeLinear", (source, scale, zero), signed),
        )
    )


def _node(op: str, inputs: Sequence[str], output: str, attribute: bytes = b"") -> bytes:
    names = b"".join(_text(_NODE_INPUT, name) for name in inputs)
    named = _text(_NODE_OUTPUT, output) + _text(_NODE_NAME, f"{op}:{output}")
    return _field(_GRAPH_NODE, names + named + _text(_NODE_OP, op) + attribute)


def _to(element_type: int) -> bytes:
    """Cast's attribute `to`: name is field 1, the integer 3, the kind (2 for integers) 20."""
    content = _text(1, "to") + _number(3, element_type) + _number(20, 2)
    return _field(_NODE_ATTRIBUTE, content)


def _int32_constant(name: str, value: int) -> bytes:
    """A scalar: element type is field 2, name 8, raw data 9."""
    raw = _field(9, value.to_bytes(4, "little"))
    return _field(_GRAPH_INITIALIZER, _number(2, _INT32) + _text(8, name) + raw)


def _one_more_output(name: str) -> bytes:
    return _field(_GRAPH_OUTPUT, _text(1, name))


def _strings(message: _Field, number: int) -> tuple[str, ...]:
    found = (f for f in _fields(message.content) if f.number == number)
    return tuple(bytes(f.content).decode() for f in found)


def _fields(message: memoryview) -> Iterator[_Field]:
    at = 0
    while at < len(message):
        tag, start = _read_varint(message, at)
        kind = tag & 7
        end = start
        if kind == _VARINT:
            _, end = _read_varint(message, start)
        elif kind == _BYTES:
            size, start = _read_varint(message, start)
            end = start + size
        elif kind in (_FIXED32, _FIXED64):
            end = start + (4 if kind == _FIXED32 else 8)
        else:
            raise ValueError(f"no protobuf field has the wire type {kind}")
        content = message[start:end] if kind == _BYTES else message[:0]
        yield _Field(tag >> 3, message[at:end], content)
        at = end


def _read_varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _tag(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _field(number: int, content: bytes) -> bytes:
    return _tag(number, _BYTES) + _varint(len(content)) + content


def _text(number: int, text: str) -> bytes:
    return _field(number, text.encode())


def _number(number: int, value: int) -> bytes:
    return _tag(number, _VARINT) + _varint(value)
