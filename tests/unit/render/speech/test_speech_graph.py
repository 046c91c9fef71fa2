"""The editing of a model's bytes, on a message small enough to read."""

from workers.render.speech import graph


def _message(conv_inputs: tuple[str, ...]) -> bytes:
    quantize = graph._field(
        1,
        graph._text(1, "x")
        + b"".join(graph._text(2, name) for name in ("q", "scale", "zero"))
        + graph._text(4, "DynamicQuantizeLinear"),
    )
    conv = graph._field(
        1,
        b"".join(graph._text(1, name) for name in conv_inputs)
        + graph._text(2, "y")
        + graph._text(4, "ConvInteger"),
    )
    return graph._number(1, 9) + graph._field(7, quantize + conv + graph._text(2, "main"))


def _nodes(model: bytes) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    found = {}
    for field in graph._fields(memoryview(model)):
        if field.number == 7:
            for node in (f for f in graph._fields(field.content) if f.number == 1):
                (op,) = graph._strings(node, 4)
                outputs = graph._strings(node, 2)
                found[f"{op}:{outputs[0]}"] = (graph._strings(node, 1), outputs)
    return found


def test_a_convolution_takes_the_signed_activation_and_its_zero_point() -> None:
    nodes = _nodes(graph.prepared(_message(("q", "w", "zero", "wzero")), "d", signed=True))
    assert nodes["ConvInteger:y"][0] == ("q/signed", "w", "q/zero", "wzero")
    assert nodes["QuantizeLinear:q/signed"][0] == ("x", "scale", "q/zero")
    assert nodes["Cast:q/wide"][0] == ("zero",)


def test_unsigned_the_nodes_stay_as_they_are() -> None:
    message = _message(("q", "w", "zero", "wzero"))
    assert _nodes(graph.prepared(message, "d", signed=False)) == _nodes(message)


def test_one_more_output_is_named() -> None:
    message = _message(("q", "w", "zero", "wzero"))
    for signed in (True, False):
        edited = graph.prepared(message, "durations", signed)
        (whole,) = [f for f in graph._fields(memoryview(edited)) if f.number == 7]
        (output,) = [f for f in graph._fields(whole.content) if f.number == 12]
        assert graph._strings(output, 1) == ("durations",)
