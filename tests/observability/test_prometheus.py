"""A real Prometheus scrapes a small fleet: queries give figures, an alert fires and resolves."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml

from tests.support.processes import eventually
from tests.support.prometheus import (
    DASHBOARDS,
    RULES,
    Prometheus,
    check,
    missing,
    rules,
    server,
    shown,
)
from tests.support.rig import Rig, rig
from tests.support.rig_streams import key_of
from tests.support.system_part import require
from tests.support.valkey import free_port

STREAMS = 3
FOR = "2s"
"""Instead of what the rules say."""


@dataclass(frozen=True)
class Watched:
    """A fleet, and who watches it."""

    fleet: Rig
    prometheus: Prometheus
    ports: dict[str, int]

    def page(self, process: str) -> str:
        """What a process shows."""
        with urlopen(f"http://127.0.0.1:{self.ports[process]}/metrics", timeout=5) as answer:
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
        fleet.start_recorder(env["recorder"])
        fleet.start_coordinator("c1", env["c1"])
        fleet.start_coordinator("c2", env["c2"])
        fleet.start_node("n1", env=env["n1"])
        fleet.apply()
        fleet.await_on_air(steady=1.0)
        assert eventually(lambda: prometheus.up() == len(ports), 20)
        yield Watched(fleet, prometheus, ports)


@pytest.fixture(autouse=True)
def nothing_is_left_behind(watched: Watched) -> None:
    """Looked for by the rig: what all tests share outlives each of them."""


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
    for process in watched.ports:
        page = watched.page(process)
        assert check("check", "metrics", given=page) == "", process
        assert "doppelcast_metrics_sources_failed 0.0" in page, process
        assert "doppelcast_ready 1.0" in page, process


def test_every_room_is_on_air_and_only_the_leader_speaks_for_it(watched: Watched) -> None:
    ask = watched.prometheus.query
    assert eventually(lambda: len(ask("doppelcast_room_on_air == 1")) == STREAMS, 10)
    assert len({labels["instance"] for labels, _ in ask("doppelcast_room_wanted")}) == 1
    assert ask("sum(doppelcast_coordinator_leader)") == [({}, 1.0)]
    assert [value for _, value in ask("doppelcast_room_holders")] == [1.0] * STREAMS
    tokens = ask("doppelcast_stream_token")
    assert {labels["brand"] for labels, _ in tokens} == {"suyun", "moran", "qinghe"}
    assert all(labels["node"] == "n1" for labels, _ in tokens)


def test_every_query_of_the_dashboards_and_alerts_is_answered(watched: Watched) -> None:
    fps = 'sum(rate(doppelcast_stream_frames_total{stream="room-00"}[4s]))'
    assert eventually(lambda: _about(watched, fps, 25.0), 15), watched.prometheus.query(fps)
    assert _value(watched, "min(rate(doppelcast_stream_acknowledged_bytes_total[5s]))") > 100_000
    assert _value(watched, "time() - min(doppelcast_stream_last_progress_timestamp_seconds)") < 5
    empty = []
    for path in sorted(DASHBOARDS.glob("*.json")):
        for expr in shown(path):
            if not watched.prometheus.query(expr):
                empty.append(expr)
    for rule in rules():
        watched.prometheus.query(rule["expr"])
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
    )
    quiet += ("clip_reads", "off_air_seconds_total{")
    assert [expr for expr in empty if not any(word in expr for word in quiet)] == []


def test_a_room_that_is_held_down_is_told_and_then_no_more(watched: Watched) -> None:
    fleet, prometheus = watched.fleet, watched.prometheus
    stream = fleet.specs[1].stream
    key = key_of(stream)
    assert eventually(lambda: not prometheus.query('ALERTS{alertstate="firing"}'), 15), (
        prometheus.query('ALERTS{alertstate="firing"}')
    )
    fleet.judge.manner([key], "busy", time.monotonic() + 120)
    fleet.judge.reset([key])
    assert eventually(lambda: bool(prometheus.firing("DoppelcastRoomOffAir")), 30)
    (told,) = prometheus.firing("DoppelcastRoomOffAir")
    assert (told["stream"], told["brand"], told["severity"]) == (stream, "moran", "critical")
    assert _value(watched, f'max(doppelcast_room_wanted{{stream="{stream}"}})') == 1
    fleet.judge.manner([key], "accept")
    assert eventually(lambda: not prometheus.firing("DoppelcastRoomOffAir"), 60)
    counts = prometheus.query(f'doppelcast_stream_reconnects_total{{stream="{stream}"}}')
    reasons = {labels["reason"] for labels, _ in counts}
    assert "dropped" in reasons, reasons
    assert _value(watched, f'max(doppelcast_room_off_air_seconds_total{{stream="{stream}"}})') > 2


def test_a_streams_series_end_with_it(watched: Watched) -> None:
    gone = watched.fleet.specs[-1].stream
    assert f'stream="{gone}"' in watched.page("n1")
    watched.fleet.apply(watched.fleet.specs[:-1])
    assert eventually(lambda: f'stream="{gone}"' not in watched.page("n1"), 20)
    leader = watched.fleet.leader()
    assert eventually(lambda: f'stream="{gone}"' not in watched.page(leader), 10)


def test_when_the_leader_is_lost_the_other_speaks_for_the_fleet(watched: Watched) -> None:
    ask = watched.prometheus.query
    rooms = "count(max by (stream) (doppelcast_room_on_air == 1))"
    before = {labels["instance"] for labels, _ in ask("doppelcast_room_wanted")}
    watched.fleet.coordinators[watched.fleet.leader()].kill()

    def other() -> bool:
        now = {labels["instance"] for labels, _ in ask("doppelcast_room_wanted")}
        return len(now) == 1 and now != before

    assert eventually(other, 30)
    assert eventually(lambda: ask(rooms) == [({}, STREAMS - 1)], 10)
    assert ask("sum(doppelcast_coordinator_leader)") == [({}, 1.0)]
    assert not watched.prometheus.firing("DoppelcastRoomOffAir")


def _about(watched: Watched, expr: str, value: float) -> bool:
    found = watched.prometheus.query(expr)
    return bool(found) and abs(found[0][1] - value) < 0.2 * value


def _value(watched: Watched, expr: str) -> float:
    ((_, value),) = watched.prometheus.query(expr)
    return value
