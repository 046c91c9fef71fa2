"""Where a worker says that it can be asked, and what it says there."""

from pathlib import Path

import pytest

from orchestrator.clock import SystemClock
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.ids import NodeId
from orchestrator.settings import Settings
from orchestrator.wire.messages import BEAT
from orchestrator.wire.reach import address_towards
from workers.stream.ear import Ear, page

BEAT_NOW = NodeBeat(NodeId("n1"), "boot", WorkerKind.STREAM, 10)


def address(port: int | None, **values: str) -> str:
    given = {"home": Path("/nowhere"), "redis_url": "redis://127.0.0.1:6379/0", **values}
    return Ear(Settings.model_validate(given), port, SystemClock()).address()


def test_without_a_port_there_is_none() -> None:
    assert address(None, advertise_host="10.0.0.5") == ""


def test_it_is_where_the_port_listens() -> None:
    assert address(9101) == "http://127.0.0.1:9101/beat"
    assert address(9101, metrics_host="10.0.0.5") == "http://10.0.0.5:9101/beat"


def test_or_where_the_settings_say_that_others_reach_it() -> None:
    given = {"metrics_host": "0.0.0.0", "advertise_host": "pod-7.workers"}
    assert address(9101, **given) == "http://pod-7.workers:9101/beat"
    assert address(9101, advertise_host="fd00::7") == "http://[fd00::7]:9101/beat"


@pytest.mark.parametrize("anywhere", ["0.0.0.0", "::", ""])
def test_or_at_the_address_towards_redis(anywhere: str) -> None:
    assert address(9101, metrics_host=anywhere) == "http://127.0.0.1:9101/beat"


@pytest.mark.parametrize("nowhere", ["fe80::1%nowhere", "fe80::1"])
def test_as_long_as_that_is_not_known_there_is_none(nowhere: str) -> None:
    """One that can't be resolved, and one to which there is no way; no name server is asked."""
    unknown = f"rediss://[{nowhere}]:6379/0"
    assert address(9101, metrics_host="0.0.0.0", redis_url=unknown) == ""


def test_the_way_to_sentinels_is_the_way_to_the_first() -> None:
    assert (
        address_towards("sentinel://:pw@127.0.0.1:26379,10.0.0.9:26379/mymaster/0") == "127.0.0.1"
    )
    assert address_towards("redis://[::1]:6379/0") in ("::1", "")


def test_it_says_what_the_heartbeat_says() -> None:
    class Voice:
        def said(self) -> NodeBeat:
            return BEAT_NOW

    answer = page(Voice())
    assert BEAT.validate_json(answer.body) == BEAT_NOW
    assert (answer.status, answer.kind) == (200, "application/json")
