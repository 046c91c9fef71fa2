"""One stream and its endpoint: what the endpoint sees of each fault. All rows run at once."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults import rows_egress as rows
from tests.faults.outcome import Outcome
from tests.support.figures import percentile
from tests.support.rig import Rig


def mostly(seconds: Sequence[float], promised: float, worst: float) -> bool:
    """Whether the middle one of a few keeps what the recovery benchmark promises of 95 in 100, and
    none is so long that something else must have happened."""
    return percentile(seconds, 0.5) <= promised and max(seconds) <= worst


@pytest.fixture(scope="module")
def hit(fleet: Rig) -> Mapping[str, Outcome]:
    """Every row on streams of its own, one stream spared."""
    fleet.await_on_air(steady=2.5)
    keys, watched = fleet.keys, fleet.keys[-1:]
    at_once: dict[str, Callable[[], Outcome]] = {
        "killed": lambda: rows.ffmpeg_killed(fleet, keys[0:4], watched=watched),
        "resets": lambda: rows.endpoint_resets(fleet, keys[4:8], watched=watched),
        "wedges": lambda: rows.endpoint_wedges(fleet, keys[8:12], watched=watched),
        "frozen": lambda: rows.ffmpeg_frozen(fleet, keys[12:15], watched=watched),
        "busy": lambda: rows.endpoint_busy(fleet, keys[15:18], watched=watched),
        "refuses": lambda: rows.endpoint_refuses(fleet, keys[18], watched=watched),
    }
    with ThreadPoolExecutor(len(at_once)) as threads:
        futures = {name: threads.submit(row) for name, row in at_once.items()}
        found = {name: future.result() for name, future in futures.items()}
    fleet.apply()  # what was refused for good is tried again after an apply
    return found


def test_a_killed_ffmpeg_is_replaced_in_place(hit: Mapping[str, Outcome]) -> None:
    assert mostly(hit["killed"].trials, 1.5, worst=3.0), hit["killed"].printed()


def test_an_endpoint_that_cuts_the_line_is_called_again(hit: Mapping[str, Outcome]) -> None:
    assert mostly(hit["resets"].trials, 1.5, worst=3.0), hit["resets"].printed()


def test_an_endpoint_that_reads_no_more_is_noticed_and_left(hit: Mapping[str, Outcome]) -> None:
    found = hit["wedges"]
    noticed = found.extra["noticed"]
    assert isinstance(noticed, list)
    assert mostly(noticed, 3.5, worst=6.0), found.printed()
    assert found.worst <= 6.0, found.printed()


def test_a_frozen_ffmpeg_is_replaced(hit: Mapping[str, Outcome]) -> None:
    assert hit["frozen"].worst <= 6.0, hit["frozen"].printed()


def test_a_busy_endpoint_is_taken_soon_after_it_is_free(hit: Mapping[str, Outcome]) -> None:
    assert hit["busy"].worst <= 2.0, hit["busy"].printed()


def test_a_refused_stream_stops_alone_with_its_reason_and_without_a_storm(
    hit: Mapping[str, Outcome],
) -> None:
    found = hit["refuses"].extra
    assert found["stopped_after"] is not None, found
    assert found["permanent"], found
    assert found["alarms"] == 1, found
    assert "refuses this stream key" in str(found["reason"]), found
    assert found["most_in_5_s_after_the_third"] in (0, 1), found
    assert hit["refuses"].worst == 0.0, found


def test_nobody_was_published_twice_and_the_spared_stream_noticed_nothing(
    hit: Mapping[str, Outcome],
) -> None:
    for found in hit.values():
        assert (found.overlap_ms, found.late_messages) == (0, 0), found.printed()
        assert found.extra.get("others_off_air", 0.0) == 0.0, found.printed()
