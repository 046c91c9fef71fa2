"""Who may stand in the metadata as producer. The credit code is the standard's own specimen."""

import pytest

from orchestrator.compliance.provider import credit_code_holds, fault_of_producer

SPECIMEN = "91350100M000100Y43"
"""GB 32100-2015 shows how a check digit is computed with this one."""


@pytest.mark.parametrize(
    "name",
    [
        "doppelcast-local",
        "yunshang-media",
        "0011" + SPECIMEN + "00000",
        "0011" + SPECIMEN + "1X001",
        "0021" + "0" * 23,
        "001",
    ],
)
def test_names_and_codes_that_hold_may_stand(name: str) -> None:
    assert fault_of_producer(name) is None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "printable ASCII"),
        ("云裳传媒", "no Chinese"),
        ("yun shang", "no space"),
        ('a"b', "no quote"),
        ("a\\b", "no backslash"),
        ("0011" + SPECIMEN + "0000", "has 26"),
        ("0011" + SPECIMEN + "000000", "has 28"),
        ("0011" + SPECIMEN + "30000", "can't stand"),
        ("0011" + SPECIMEN.lower() + "00000", "can't stand"),
        ("0011" + "91350100I000100Y43" + "00000", "can't stand"),
        ("0011" + "91350100M000100Y44" + "00000", "check digit"),
        ("0011" + "93150100M000100Y43" + "00000", "check digit"),
    ],
)
def test_what_is_wrong_is_said(name: str, says: str) -> None:
    assert says in (fault_of_producer(name) or "")


@pytest.mark.parametrize("place", range(17))
def test_any_single_character_typed_wrong_is_found(place: int) -> None:
    assert credit_code_holds(SPECIMEN)
    for other in "0123456789ABCDEFGHJKLMNPQRTUWXY":
        if other != SPECIMEN[place]:
            assert not credit_code_holds(SPECIMEN[:place] + other + SPECIMEN[place + 1 :])
