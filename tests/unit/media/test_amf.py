"""AMF0: names, numbers, truths and tables survive the way there and back."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.media.amf import AmfError, read_script, script

plain = st.booleans() | st.floats(allow_nan=False) | st.text(max_size=40)
names = st.text(min_size=1, max_size=20)


@given(st.dictionaries(names, plain, max_size=8))
def test_a_table_is_read_as_it_was_written(table: dict[str, str | float | bool]) -> None:
    name, read = read_script(script("onMetaData", table))
    assert name == "onMetaData"
    assert read == table
    assert [type(v) for v in read.values()] == [type(v) for v in table.values()]


def test_a_long_string_survives() -> None:
    text = "字" * 40_000
    assert read_script(script("x", {"long": text}))[1] == {"long": text}


def test_objects_and_lists_of_other_writers_are_read() -> None:
    key = b"\x00\x01k"
    rows = key + b"\x0a\x00\x00\x00\x02\x05\x01\x01"
    data = b"\x02\x00\x01n\x03" + rows + b"\x00\x00\x09"
    assert read_script(data) == ("n", {"k": [None, True]})


@given(st.binary(max_size=60))
def test_noise_is_refused_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(AmfError):
        read_script(b"\x02\x00\x01n\x08" + data[:3])
    with contextlib.suppress(AmfError):
        read_script(data)
