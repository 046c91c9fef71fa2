"""AMF0 values come back as they were written; strange bytes are refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.sandbox.rtmp.amf0 import AmfValue, decode_all, ecma_array, encode
from orchestrator.sandbox.rtmp.errors import ProtocolError

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.just("字" * 30000),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(written=st.lists(values, max_size=4))
@settings(max_examples=150, deadline=None)
def test_values_come_back_as_they_were_written(written: list[AmfValue]) -> None:
    assert decode_all(encode(*written)) == written


@given(noise=st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_noise_is_read_or_refused(noise: bytes) -> None:
    try:
        decode_all(noise)
    except ProtocolError:
        return


def test_metadata_is_read_whatever_its_count_says() -> None:
    array = bytearray(ecma_array({"AIGC": "{}", "framerate": 25.0}))
    array[1:5] = (99).to_bytes(4, "big")
    assert decode_all(bytes(array)) == [{"AIGC": "{}", "framerate": 25.0}]


def test_a_date_is_its_milliseconds() -> None:
    assert decode_all(b"\x0b\x40\x8f\x40" + bytes(5) + b"\x00\x00") == [1000.0]


@pytest.mark.parametrize(
    "payload", [b"\x0a\x00\x00\x00\x01" * 40, b"\x07\x00\x01", b"\x02\x00\x09ab"]
)
def test_what_cannot_be_read_is_refused(payload: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_all(payload)
