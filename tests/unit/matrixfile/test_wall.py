"""Hours of the wall as sets of minutes, and said again as spans."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.matrixfile.wall import ALL_DAY, hours, minutes_of, said


def test_spans_cover_their_minutes_together() -> None:
    assert minutes_of(["00:00-24:00"]) == ALL_DAY
    assert minutes_of(["08:00-10:00", "09:00-11:00"]).bit_count() == 180
    assert minutes_of(["23:00-01:00"]).bit_count() == 120
    assert minutes_of([]) == minutes_of(["nonsense"]) == 0


def test_hours_are_said_as_people_write_them() -> None:
    assert said(minutes_of(["08:00-10:00", "10:00-11:00"])) == "08:00-11:00"
    assert said(minutes_of(["22:00-02:00", "12:00-13:30"])) == "12:00-13:30, 22:00-02:00"
    assert said(minutes_of(["20:00-24:00"])) == "20:00-24:00"
    assert said(ALL_DAY) == "00:00-24:00"
    assert said(0) == ""
    assert hours(450) == "7.5"


@given(st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1439)), max_size=5))
def test_what_is_said_means_what_was_meant(pieces: list[tuple[int, int]]) -> None:
    def clock(minute: int) -> str:
        return f"{minute % 1440 // 60:02}:{minute % 60:02}"

    meant = minutes_of(f"{clock(begin)}-{clock(begin + length)}" for begin, length in pieces)
    assert minutes_of(said(meant).split(", ")) == meant
