"""One endpoint is down: its stream says why, and the five others don't notice."""

import pytest

from orchestrator.domain.stream import Phase
from tests.acceptance.conftest import OnAir, Recorded
from tests.support.processes import eventually
from tests.support.receiver import findings_of

pytestmark = [pytest.mark.slow, pytest.mark.needs_nginx, pytest.mark.timeout(900)]


def test_its_status_names_the_reason_and_no_key(on_air: OnAir) -> None:
    known: dict[str, object] = {}

    def refused() -> bool:
        known.update(on_air.fleet.status()[on_air.down.shop])
        return "refused" in str(known["reason"])

    assert eventually(refused, 60, 1.0), known
    assert known["wanted"] is True
    assert known["phase"] in (Phase.OFF_AIR, Phase.CONNECTING)
    assert "rtmp://127.0.0.1:" in str(known["reason"])
    assert on_air.down.key not in str(known)


def test_the_command_says_that_not_everything_wanted_is_on_air(on_air: OnAir) -> None:
    told = on_air.fleet.run("status")
    assert told.returncode == 1
    assert on_air.down.shop in told.stdout
    assert not [key for key in on_air.fleet.matrix.keys if key in told.stdout + told.stderr]


def test_the_five_others_stay_clean_on_their_first_connection(
    on_air: OnAir, recorded: Recorded
) -> None:
    def undisturbed() -> bool:
        status = on_air.fleet.status()
        rows = [status[room.shop] for room in on_air.rooms]
        return {(row["phase"], row["restarts"]) for row in rows} == {(Phase.ON_AIR, 0)}

    assert eventually(undisturbed, 30, 1.0), on_air.fleet.status()
    assert [findings_of([recorded.paths[room.shop]]) for room in on_air.rooms] == [()] * 5


def test_nothing_of_it_arrives_anywhere(on_air: OnAir) -> None:
    assert on_air.down.key not in on_air.server.publishers()
    assert on_air.server.recordings(on_air.down.key) == []
