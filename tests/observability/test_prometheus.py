"""A real Prometheus scrapes a small fleet: queries give figures, an alert fires and resolves."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml

from orchestrator.domain.stream import StreamSpec
from tests.support.browser import browser
from tests.support.contracted import put_in_force
from tests.support.dashboard_drawing import drawn
from tests.support.dashboards import Panel, answered, panel, read
from tests.support.ports import free_port
from tests.support.processes import eventually
from tests.support.prometheus import (
    DASHBOARDS,
    RULES,
    Prometheus,
    Sample,
    check,
    missing,
    rules,
    server,
    shown,
)
from tests.support.rig import Rig, rig
from tests.support.rig_streams import key_of
from tests.support.system_part import require
from workers.stream.figures import ALL_REASONS

STREAMS = 3
BEFORE = 600.0
"""So long ago the day began, while nothing was on air."""
QUIET = {
    "A clip takes (95 %)",
    "Which are off air",
    "Days until a certificate ends",
    "Days until a consent ends",
    "Passes that failed",
    "Still to leave",
}
"""Panels of a fleet without renders, TLS, limited consents, drains, and trouble with the store."""
FOR = "2s"
"""Instead of what the rules say."""
PATIENCE = 60.0
"""A machine that is busy answers some scrape too late; then series aren't there until the next."""
BUSY_SECONDS = 2 * PATIENCE
pytestmark = pytest.mark.timeout(8 * PATIENCE)


@dataclass(frozen=True)
class Watched:
    """A fleet, and who watches it."""

    fleet: Rig
    prometheus: Prometheus
    ports: dict[str, int]
    began_at: float
    moments: dict[str, float] = field(default_factory=dict)
    """What happened when, for who looks back."""

    def page(self, process: str) -> str:
        """What a process shows."""
        with urlopen(f"http://127.0.0.1:{self.ports[process]}/metrics", timeout=30) as answer:
            return str(answer.read().decode())


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    require(missing())
    folder = tmp_path_factory.mktemp("watched")
    ports = {name: free_port() for name in ("c1", "c2", "recorder", "n1")}
    env = {name: {"DOPPELCAST_METRICS_PORT": str(port)} for name, port in ports.items()}
    with (
        rig(folder, streams=STREAMS) as fleet,
        server(folder, list(ports.values()), _hasty(folder)) as prometheus,
    ):
        began_at = time.time()
        _apply(fleet, fleet.specs, began_at)
        fleet.start_recorder(env["recorder"])
        fleet.start_coordinator("c1", env["c1"])
        fleet.start_coordinator("c2", env["c2"])
        fleet.start_node("n1", env=env["n1"])
        fleet.await_on_air(steady=1.0)
        assert eventually(lambda: prometheus.up() == len(ports), PATIENCE)
        yield Watched(fleet, prometheus, ports, began_at)


@pytest.fixture(autouse=True)
def nothing_is_left_behind(watched: Watched) -> None:
    """Looked for by the rig: what all tests share outlives each of them."""


def _apply(fleet: Rig, specs: Sequence[StreamSpec], began_at: float) -> None:
    """Four hours for each; the brand of the second room was promised every minute of them."""
    put_in_force(fleet.store, specs, {"suyun": 3, "moran": 4}, began_at - BEFORE)


def _hasty(folder: Path) -> Path:
    """The rules as they are shipped, with less patience."""
    document = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    for rule in (rule for group in document["groups"] for rule in group["rules"]):
        if "for" in rule:
            rule["for"] = FOR
    path = folder / "rules.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def test_what_each_process_shows_is_clean(watched: Watched) -> None:
    ready = "doppelcast_ready 1.0"
    for process in watched.ports:
        assert eventually(lambda who=process: ready in watched.page(who), PATIENCE), process
        page = watched.page(process)
        assert check("check", "metrics", given=page) == "", process
        assert "doppelcast_metrics_sources_failed 0.0" in page, process


def test_every_room_is_on_air_and_only_the_leader_speaks_for_it(watched: Watched) -> None:
    assert _comes_to(watched, "doppelcast_room_on_air", *[1.0] * STREAMS)
    assert _comes_to(watched, "doppelcast_room_holders", *[1.0] * STREAMS)
    assert _comes_to(watched, "count(count by (instance) (doppelcast_room_wanted))", 1.0)
    assert _comes_to(watched, "sum(doppelcast_coordinator_leader)", 1.0)

    def where() -> set[tuple[str, str]]:
        tokens = watched.prometheus.query("doppelcast_stream_token")
        return {(labels["brand"], labels["node"]) for labels, _ in tokens}

    brands = {(brand, "n1") for brand in ("suyun", "moran", "qinghe")}
    assert eventually(lambda: where() == brands, PATIENCE), where()


def test_every_query_of_the_dashboards_and_alerts_is_answered(watched: Watched) -> None:
    ask = watched.prometheus.query
    fps = 'sum(rate(doppelcast_stream_frames_total{stream="room-00"}[4s]))'
    assert eventually(lambda: _is(ask(fps), lambda rate: abs(rate - 25) < 5), PATIENCE), ask(fps)
    taken = "min(rate(doppelcast_stream_acknowledged_bytes_total[5s]))"
    assert eventually(lambda: _is(ask(taken), lambda rate: rate > 100_000), PATIENCE), ask(taken)
    since = "time() - min(doppelcast_stream_last_progress_timestamp_seconds)"
    assert eventually(lambda: _is(ask(since), lambda seconds: seconds < 5), PATIENCE), ask(since)
    for rule in rules():
        ask(rule["expr"])
    # What has nothing to show in a fleet without renders, drains, plans and troubles.
    quiet = (
        "render",
        "drain",
        "plan",
        "contract",
        "consent",
        "certificate",
        "reconnects",
        "failed_passes",
        "clip_reads",
        "off_air_seconds_total{",
    )
    every = [expr for path in sorted(DASHBOARDS.glob("*.json")) for expr in shown(path)]
    busy = [expr for expr in every if not any(word in expr for word in quiet)]
    for expr in every:
        ask(expr)
    answers = eventually(lambda: all(map(ask, busy)), PATIENCE, 1.0)
    assert answers, [expr for expr in busy if not ask(expr)]


def test_a_room_that_is_held_down_is_told_and_then_no_more(watched: Watched) -> None:
    fleet, prometheus = watched.fleet, watched.prometheus
    stream = fleet.specs[1].stream
    key = key_of(stream)
    others = 'ALERTS{alertstate="firing", alertname!="DoppelcastContractAtRisk"}'
    assert eventually(lambda: not prometheus.query(others), PATIENCE), prometheus.query(others)
    fleet.judge.manner([key], "busy", time.monotonic() + BUSY_SECONDS)
    watched.moments["broken"] = time.time()
    fleet.judge.reset([key])
    assert eventually(lambda: bool(prometheus.firing("DoppelcastRoomOffAir")), PATIENCE)
    watched.moments["told"] = time.time()
    (told,) = prometheus.firing("DoppelcastRoomOffAir")
    assert (told["stream"], told["brand"], told["severity"]) == (stream, "moran", "critical")
    assert _comes_to(watched, f'max(doppelcast_room_wanted{{stream="{stream}"}})', 1.0)
    fleet.judge.manner([key], "accept")
    assert eventually(lambda: not prometheus.firing("DoppelcastRoomOffAir"), PATIENCE)
    lost = f'doppelcast_stream_reconnects_total{{stream="{stream}"}}'

    def reasons(expr: str) -> set[str]:
        return {labels["reason"] for labels, count in prometheus.query(expr) if count}

    assert eventually(lambda: "dropped" in reasons(lost), PATIENCE), reasons(lost)

    def since_then() -> str:
        lately = f"{time.time() - watched.moments['broken'] + 10:.0f}s"
        return f"sum by (reason) (increase({lost}[{lately}]))"

    assert eventually(lambda: reasons(since_then()) == reasons(lost) != set(), PATIENCE)
    off_air = f'max(doppelcast_room_off_air_seconds_total{{stream="{stream}"}})'
    assert eventually(lambda: _is(prometheus.query(off_air), lambda seconds: seconds > 2), PATIENCE)


def test_each_panel_shows_what_there_is_by_the_names_that_it_gives(watched: Watched) -> None:
    """Asked of a Prometheus that has seen a room break and come back."""
    room = watched.fleet.specs[1].stream
    pages: dict[str, tuple[Panel, ...]] = {}

    def silent() -> dict[str, set[str]]:
        for name, chosen in (("fleet", {}), ("room", {"stream": room})):
            span = (watched.began_at, time.time())
            pages[name] = answered(read(name), watched.prometheus, *span, **chosen)
        return {name: {one.title for one in pages[name] if not one.series} for name in pages}

    assert eventually(lambda: silent() == {"fleet": QUIET, "room": set()}, PATIENCE, 1.0), silent()
    for one in (*pages["fleet"], *pages["room"]):
        assert not any(series.lacks for series in one.series.values()), one.title
        if one.made["type"] == "state-timeline":
            values = {value for s in one.series.values() for _, value in s.points}
            assert all(map(one.word, values)), f"{one.title} has no word for {values}"


def test_who_looks_at_the_page_sees_which_room_is_off_air(watched: Watched, tmp_path: Path) -> None:
    broken, told = watched.moments["broken"], watched.moments["told"]
    room = watched.fleet.specs[1].stream
    then = answered(read("fleet"), watched.prometheus, watched.began_at, told)
    off = panel(then, "Off air now")
    assert [(one.last, off.color(one.last)) for one in off.series.values()] == [(1.0, "red")]
    which = panel(then, "Which are off air")
    assert [(one.name, which.color(one.last)) for one in which.series.values()] == [(room, "red")]
    assert eventually(lambda: _said(watched, room) == "on air", PATIENCE)
    now = answered(read("fleet"), watched.prometheus, watched.began_at, time.time())
    assert not panel(now, "Which are off air").series
    (missed,) = panel(now, "Off air, minutes in this time").series.values()
    assert (missed.name, missed.last * 60 > 2) == (room, True)
    rooms = panel(now, "Rooms")
    for name in rooms.series:
        words = [word for _, ends, word in rooms.states(name) if ends > broken]
        assert words == (["on air", "off air", "on air"] if name == room else ["on air"]), name
    lost = panel(now, "Lost connections")
    assert {"busy", "dropped"} <= set(lost.series) < {*ALL_REASONS}
    its = answered(read("room"), watched.prometheus, watched.began_at, told, stream=room)
    with browser(tmp_path) as page:
        for name, panels in (("fleet", then), ("room", its)):
            drawing = tmp_path / f"{name}.html"
            drawing.write_text(drawn(name, panels), encoding="utf-8")
            page.open(drawing.as_uri())
            page.screenshot(tmp_path / f"{name}.png")
            assert any(room in text for text in page.texts(".panel"))


def test_a_contract_whose_hours_are_lost_is_told_of(watched: Watched) -> None:
    """Before the rooms came on air ten minutes of four hours were over; one brand has to spare."""
    ask = watched.prometheus
    assert eventually(lambda: bool(ask.firing("DoppelcastContractAtRisk")), PATIENCE)
    assert {labels["brand"] for labels in ask.firing("DoppelcastContractAtRisk")} == {"moran"}


def test_a_streams_series_end_with_it(watched: Watched) -> None:
    gone = watched.fleet.specs[-1].stream
    assert f'stream="{gone}"' in watched.page("n1")
    _apply(watched.fleet, watched.fleet.specs[:-1], watched.began_at)
    assert eventually(lambda: f'stream="{gone}"' not in watched.page("n1"), PATIENCE)
    leader = watched.fleet.leader()
    assert eventually(lambda: f'stream="{gone}"' not in watched.page(leader), PATIENCE)


def test_when_the_leader_is_lost_the_other_speaks_for_the_fleet(watched: Watched) -> None:
    ask = watched.prometheus.query
    rooms = "count(max by (stream) (doppelcast_room_on_air == 1))"
    before = {labels["instance"] for labels, _ in ask("doppelcast_room_wanted")}
    watched.fleet.coordinators[watched.fleet.leader()].kill()

    def other() -> bool:
        now = {labels["instance"] for labels, _ in ask("doppelcast_room_wanted")}
        return len(now) == 1 and now != before

    assert eventually(other, PATIENCE)
    assert _comes_to(watched, rooms, STREAMS - 1)
    assert _comes_to(watched, "sum(doppelcast_coordinator_leader)", 1.0)
    assert not watched.prometheus.firing("DoppelcastRoomOffAir")


def test_what_was_on_air_before_a_change_of_leaders_counts_after_it(watched: Watched) -> None:
    """The room that was broken had less than the one beside it, by the time that it was off air."""
    off_air = watched.moments["told"] - watched.moments["broken"]
    first, broken, _ = (spec.stream for spec in watched.fleet.specs)

    suyun, moran = (
        f'max(doppelcast_contract_aired_seconds{{brand="{brand}"}})' for brand in ("suyun", "moran")
    )

    def began(stream: str) -> float:
        on_air = f'timestamp(doppelcast_stream_on_air{{stream="{stream}"}} == 1)'
        return _value(watched, f"min_over_time({on_air}[30m:1s])")

    less = began(broken) - began(first) + 0.4 * off_air
    ask = watched.prometheus.query
    assert eventually(lambda: _is(ask(moran), lambda had: had > 0), PATIENCE)
    fewer = f"{suyun} - {moran}"
    assert eventually(lambda: _is(ask(fewer), lambda by: by > less), PATIENCE), (ask(fewer), less)
    assert eventually(
        lambda: _is(ask(suyun), lambda had: had < time.time() - watched.began_at), PATIENCE
    )


def _said(watched: Watched, room: str) -> str:
    """What the page says last of a room."""
    page = answered(read("fleet"), watched.prometheus, watched.began_at, time.time())
    return panel(page, "Rooms").states(room)[-1][2]


def _comes_to(watched: Watched, expr: str, *values: float) -> bool:
    """Whether an expression soon has just these values."""
    ask = watched.prometheus.query
    return eventually(lambda: [value for _, value in ask(expr)] == [*values], PATIENCE)


def _is(found: list[Sample], such: Callable[[float], bool]) -> bool:
    """Whether there is just one value, and such a one."""
    return len(found) == 1 and such(found[0][1])


def _value(watched: Watched, expr: str) -> float:
    ((_, value),) = watched.prometheus.query(expr)
    return value
