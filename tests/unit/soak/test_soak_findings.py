"""A soak finds what it is there to find: each kind of fault, put in by hand."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.ids import NodeId, StreamId
from tests.support.soak import findings
from tests.support.soak.census import Census, Count, kind

CLEAN: dict[str, Any] = {
    "findings": (),
    "skew_ms": 0.3,
    "turned_away": 0,
    "endings": {"unpublished": 1},
    "video_frames": 100,
    "gaps": (),
    "judge_late_seconds": 0.1,
    "anomalies": {},
}
SILENT: dict[str, Any] = CLEAN | {
    "findings": (
        "off air once, for 2.2 s at the longest",
        "no audio arrives: once, first for 2.2 s",
    ),
    "gaps": ({"start": 10.0, "seconds": 2.2},),
    "anomalies": {"no audio arrives": 1},
}
QUIET = Count(rss_mib=90.0, fds=60, threads=27, processes=16, cpu_seconds=1.0)
KEYS = {"dc:want:soak-1": 100, "dc:beat:node-1": 900, "dc:reports": 3}


def a_census(at: float = 0.0, keys: dict[str, int] | None = None, **count: Any) -> Census:
    return Census(at, {"node-1": replace(QUIET, **count)}, KEYS if keys is None else keys, 2.0)


def a_run(*late: Census, early: int = 5) -> list[Census]:
    return [a_census(n) for n in range(early)] + list(late)


def a_report(start: int, length: int = 2000, stream: str = "soak-1") -> Report:
    facts = {"start_ms": start, "duration_ms": length}
    return Report(
        f"{stream}/{start}", ReportKind.TAKEN, NodeId("n"), 0.0, StreamId(stream), None, facts
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"findings": ("video timestamp goes back: once",)}, "goes back"),
        ({"skew_ms": -40.0}, "-40 ms apart"),
        ({"turned_away": 2}, "2 attempts"),
        ({"endings": {"lost": 1}}, "lost"),
    ],
)
def test_media_that_is_not_clean(wrong: dict[str, Any], said: str) -> None:
    assert list(findings.of_media({"soak-1": CLEAN})) == []
    [found] = findings.of_media({"soak-1": CLEAN | wrong})
    assert found.startswith("soak-1: ")
    assert said in found


def test_a_silence_may_be_the_judges_own_but_no_longer_one() -> None:
    assert len(list(findings.of_media({"soak-1": SILENT}))) == 2
    away = SILENT | {"judge_late_seconds": 1.3}
    assert list(findings.of_media({"soak-1": away})) == []
    without_sound = away | {"anomalies": {"no audio arrives": 2}}
    assert len(list(findings.of_media({"soak-1": without_sound}))) == 2
    wrong = away | {"findings": (*SILENT["findings"], "codec changes: once, first here")}
    assert list(findings.of_media({"soak-1": wrong})) == ["soak-1: codec changes: once, first here"]


def test_memory_that_grows_by_more_than_a_stream_may() -> None:
    def growing(mib_an_hour: float) -> list[Census]:
        return [a_census(10.0 * n, rss_mib=90 + mib_an_hour * n / 360) for n in range(50)]

    slow = findings.growths(growing(10), {"node-1": 20, "node-2": 0})
    assert [growth.node for growth in slow] == ["node-1"]
    assert slow[0].per_stream.per_hour == pytest.approx(0.5)
    assert list(findings.of_growth(slow, minutes=120)) == []
    fast = findings.growths(growing(30), {"node-1": 20})
    [found] = findings.of_growth(fast, minutes=10)
    assert "node-1 grows by 1.50 MB" in found
    assert list(findings.of_growth(fast, minutes=1)) == []


@pytest.mark.parametrize("what", ["fds", "connections", "threads", "processes"])
def test_what_is_held_more_and_more(what: str) -> None:
    more = [a_census(10 + n, **{what: getattr(QUIET, what) + 9}) for n in range(5)]
    [found] = findings.of_the_run(a_run(*more))
    assert what in found


def test_what_is_held_for_a_moment_is_no_finding() -> None:
    late = [a_census(10 + n, fds=90 if n == 2 else 63) for n in range(5)]
    assert list(findings.of_the_run(a_run(*late))) == []


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (KEYS | {"dc:new": 1}, "dc:new"),
        (KEYS | {"dc:want:soak-2": 100}, "dc:want:soak-# fills up"),
        (KEYS | {"dc:reports": 900}, "dc:reports fills up"),
    ],
)
def test_redis_that_fills_up(keys: dict[str, int], said: str) -> None:
    late = [a_census(10 + n, keys) for n in range(5)]
    found = list(findings.of_the_run(a_run(*late)))
    assert any(said in one for one in found), found


def test_redis_memory_restarts_and_spools_are_looked_at() -> None:
    late = [replace(a_census(10 + n), redis_mib=9.0, restarts=1, spooled=90_000) for n in range(5)]
    found = " ".join(findings.of_the_run(a_run(*late)))
    assert "9.0 MiB" in found
    assert "restarts: 1" in found
    assert "90000 bytes wait" in found


def test_what_is_left_at_the_end() -> None:
    before, after = a_census(), a_census(keys=KEYS | {"dc:lease:x": 9}, threads=28, fds=63)
    threads, key = findings.of_the_end(before, after)
    assert "28 threads" in threads
    assert "dc:lease:x" in key
    assert list(findings.of_the_end(before, a_census(threads=20))) == []


def test_a_worker_keeps_as_many_threads_as_it_ever_carried_streams() -> None:
    before = Census(0.0, {"broker": QUIET, "node-1": QUIET}, KEYS, 2.0)
    after = replace(before, parts={"broker": QUIET, "node-1": replace(QUIET, threads=29)})
    more = findings.expecting(before, {"node-1": 15}, {"node-1": 17})
    assert list(findings.of_the_end(more, after)) == []
    as_many = findings.expecting(before, {"node-1": 15}, {"node-1": 13})
    assert len(list(findings.of_the_end(as_many, after))) == 1


def test_connections_are_judged_at_the_end_that_opened_them() -> None:
    before = Census(0.0, {"broker": QUIET, "node-1": QUIET}, KEYS, 2.0)
    many = replace(QUIET, connections=20)
    [found] = findings.of_the_end(before, replace(before, parts={"broker": many, "node-1": many}))
    assert found.startswith("node-1 is left with 20 connections")


def test_a_fence_may_stay_as_long_as_it_ends_by_itself() -> None:
    fence = "dc:token:0123456789abcdef0123"
    after = a_census(keys=KEYS | {fence: 20})
    assert list(findings.of_the_end(a_census(), after)) == [
        f"{kind(fence)} is left in Redis, 1 of it"
    ]
    ends = replace(after, ending=frozenset({fence}))
    assert list(findings.of_the_end(a_census(), ends)) == []


@pytest.mark.parametrize(
    ("starts", "said"),
    [
        ((0, 2000), None),
        ((0, 0, 2000), "recorded twice"),
        ((2000,), "nothing is recorded from 0"),
        ((0, 4000), "nothing is recorded from 2000"),
        ((0,), "were received"),
        ((), "were received"),
        ((0, 2000, 4000, 6000), "were received"),
    ],
)
def test_clips_are_recorded_once_each(starts: Sequence[int], said: str | None) -> None:
    reports = [a_report(start) for start in starts]
    found = list(findings.of_records(reversed(reports), {"soak-1": CLEAN}))
    assert (found == []) if said is None else any(said in one for one in found), found


@pytest.mark.parametrize(
    ("key", "sort"),
    [
        ("dc:beat:node-12", "dc:beat:node-#"),
        ("dc:token:0123456789abcdef0123", "dc:token:*"),
        ("6c3a1f44-1d2e-4f5a-9b8c-0123456789ab.reply", "*.reply"),
    ],
)
def test_keys_are_of_a_kind(key: str, sort: str) -> None:
    assert kind(key) == sort
