"""The implicit label's value."""

import json

import pytest

from orchestrator.compliance.aigc import FIELDS, LOCAL_PRODUCER, aigc_value, is_aigc_value


def test_it_is_a_bare_object_of_seven_strings_in_order() -> None:
    value = json.loads(aigc_value("ab12"))
    assert tuple(value) == FIELDS
    assert all(isinstance(v, str) for v in value.values())
    assert value["Label"] == "1"
    assert value["ProduceID"] == value["PropagateID"] == "ab12"
    assert value["ContentProducer"] == value["ContentPropagator"] == LOCAL_PRODUCER


def test_it_has_no_space_and_nothing_outside_ascii() -> None:
    text = aigc_value("ab12")
    assert text.isascii()
    assert " " not in text


@pytest.mark.parametrize("bad", ["", "两字", "a b", 'a"b', "a\\b", "a\n"])
def test_what_the_standard_forbids_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        aigc_value("id", producer=bad)
    with pytest.raises(ValueError, match="ASCII"):
        aigc_value(bad)


def test_what_was_written_is_recognized_and_nothing_else() -> None:
    good = aigc_value("id")
    assert is_aigc_value(good)
    extra = json.dumps(json.loads(good) | {"More": ""})
    wrapped = json.dumps({"AIGC": json.loads(good)})
    numbered = json.dumps(json.loads(good) | {"Label": 1})
    unnamed = json.dumps(json.loads(good) | {"ContentProducer": ""})
    for bad in (extra, wrapped, numbered, unnamed, "", "[]", "1"):
        assert not is_aigc_value(bad)
