"""A small fleet lives through an hour of faults, on a virtual clock."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator.cli.main import app
from orchestrator.simulate.faults import FaultKind, Weather
from orchestrator.simulate.figures import Figures, outcome
from orchestrator.simulate.fleet import invented
from orchestrator.simulate.world import Size, World, simulated
from orchestrator.wire import leases

DEMO = Path(__file__).parents[2] / "deploy" / "demo"
SIZE = Size(invented(200), nodes=12, seed=7)
SMALL = Size(invented(48), nodes=6, seed=7)
BAD = Weather(
    hours=1.0,
    lose_node_every=600.0,
    freeze_node_every=900.0,
    cut_off_node_every=1800.0,
    redis_outages=2,
    drops=0,
)


@pytest.fixture(scope="module")
def bad_hour() -> Figures:
    return simulated(SIZE, BAD)


def test_no_stream_ever_has_two_publishers(bad_hour: Figures) -> None:
    assert bad_hour.never_two
    assert bad_hour.two_holders_seconds == 0.0


def test_streams_are_off_air_for_seconds_after_a_node_is_lost(bad_hour: Figures) -> None:
    lost = [r for r in bad_hour.recoveries if r.kind is FaultKind.NODE_LOST]
    assert len(lost) == 6
    assert 0 < bad_hour.off_air_share < 3e-3
    assert min(r.seconds for r in lost) < 6.0


def test_every_fault_is_recovered_from(bad_hour: Figures) -> None:
    assert len(bad_hour.recoveries) == 6 + 4 + 2 + 2


def test_the_same_seed_gives_the_same_day_and_another_one_another() -> None:
    short = replace(BAD, hours=0.25, redis_outages=1)
    days = [outcome(simulated(replace(SMALL, seed=seed), short)) for seed in (3, 3, 4)]
    first, again, other = (json.dumps(day | {"seed": 0}) for day in days)
    assert first == again
    assert first != other


def test_a_lease_that_is_granted_twice_shows_as_two_publishers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = leases.SCRIPT.replace("token < newest", "false").replace("held_by and not mine", "nil")
    assert broken != leases.SCRIPT
    monkeypatch.setattr(leases, "SCRIPT", broken)
    frozen = Weather(hours=0.5, lose_node_every=0.0, freeze_node_every=100.0, redis_outages=0)
    found = simulated(SMALL, frozen)
    assert not found.never_two
    assert found.overlaps


def test_a_quiet_pass_asks_as_much_for_a_thousand_streams_as_for_a_hundred() -> None:
    assert _asked(100, 5) == _asked(1000, 50)


def _asked(streams: int, nodes: int) -> tuple[int, int]:
    """Questions to the store and commands to Redis, of a pass once all is at rest."""
    world = World(Size(invented(streams), nodes))
    try:
        world.begin(lambda _, __: None)
        world.live((), 4.0, lambda _, __: None)
        last = world.office.passes[-1]
        assert not last.did
        return last.store, last.redis
    finally:
        world.close()


def test_the_command_says_it_in_json_and_for_people() -> None:
    words = ["simulate", "--streams", "12", "--nodes", "3", "--hours", "0.2"]
    words += ["--lose-node-every", "10m", "--redis-outages", "0"]
    found = json.loads(_told([*words, "--json"]))
    assert found["overlaps"] == []
    assert found["on_air_again_seconds"]["node lost"]["most"] < 10.0
    told = _told(words)
    assert "12 streams on 3 nodes, 0.2 h, seed 1" in told
    assert "No stream ever had two publishers." in told


def test_a_matrix_and_a_number_of_streams_are_one_too_many() -> None:
    done = CliRunner().invoke(app, ["simulate", str(DEMO / "small.yaml"), "--streams", "12"])
    assert done.exit_code == 2
    assert "the matrix says how many there are" in done.stderr


def _told(words: list[str]) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return done.stdout
