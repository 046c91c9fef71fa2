"""One fleet on air for all tests that look at it from outside; its recordings, watched once.

Six rooms of the demo's streamer with short scripts go on air at nginx-rtmp, one of them at an
address where nobody answers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.store.store import Store
from tests.support import airing, valkey
from tests.support.airing import Airing
from tests.support.fleet import Fleet, up
from tests.support.flv import whole_tags
from tests.support.nginx_rtmp import NginxRtmp, nginx_rtmp
from tests.support.processes import eventually
from tests.support.shops import Room, short_matrix

DOWN = "nuanfu-bilibili"
COLD_SECONDS = 300.0
SEEN_SECONDS = 24.0
ALL_REPORTS = 100_000


@dataclass(frozen=True)
class OnAir:
    """The fleet, and where its streams arrive."""

    fleet: Fleet
    server: NginxRtmp

    @property
    def rooms(self) -> tuple[Room, ...]:
        """The rooms whose endpoint is there."""
        return tuple(room for room in self.fleet.matrix.rooms if room.shop != DOWN)

    @property
    def down(self) -> Room:
        """The room whose endpoint isn't."""
        return next(room for room in self.fleet.matrix.rooms if room.shop == DOWN)

    def taken(self) -> tuple[Report, ...]:
        """Which clips were taken on air when, by the workers' own account; oldest first."""
        store = Store.open(self.fleet.settings.store)
        try:
            return store.reporting.latest(ReportKind.TAKEN, ALL_REPORTS)[::-1]
        finally:
            store.close()

    @property
    def shown(self) -> bool:
        """Whether every room was on air for a while, and spoke of its product."""
        taken = self.taken()
        return all(_presented(room, taken) for room in self.rooms)


def _presented(room: Room, taken: tuple[Report, ...]) -> bool:
    mine = [report.facts for report in taken if report.stream == room.shop]
    begins = [int(facts["start_ms"] or 0) for facts in mine]
    # What was taken last may only just have begun.
    done = [facts["line"] for facts in mine[:-1] if facts["kind"] == "line"]
    of_product = [line for line in done if not str(line).startswith("opening")]
    return bool(of_product) and max(begins) >= SEEN_SECONDS * 1000


@dataclass(frozen=True)
class Recorded:
    """What had arrived of each room at one moment, and what was taken on air by then."""

    paths: Mapping[str, Path]
    taken: tuple[Report, ...]
    airings: dict[str, Airing]

    def airing(self, room: Room) -> Airing:
        """A room's recording, watched from end to end; kept, because that takes a while."""
        if room.shop not in self.airings:
            self.airings[room.shop] = airing.watched(self.paths[room.shop])
        return self.airings[room.shop]

    def joins(self, room: Room, before_ms: int) -> list[int]:
        """When the room's clips began, but the first one."""
        begins = [int(r.facts["start_ms"] or 0) for r in self.taken if r.stream == room.shop]
        return [at for at in begins if 0 < at < before_ms]


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """As everywhere, but for the children of a fleet that goes on: they come and go."""
    before = {process.pid for process in psutil.Process().children()}
    yield
    assert eventually(lambda: not _new_children(before), 30), _new_children(before)


def _new_children(before: set[int]) -> list[psutil.Process]:
    children = psutil.Process().children()
    return [p for p in children if p.pid not in before and p.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(scope="package")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips that the tests' fleets share, as a machine's second start finds them."""
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="package")
def on_air(tmp_path_factory: pytest.TempPathFactory, media: Path) -> Iterator[OnAir]:
    """The fleet, with every stream on air whose endpoint is there."""
    root = tmp_path_factory.mktemp("on-air")
    nowhere = f"rtmp://127.0.0.1:{valkey.free_port()}/live"
    with nginx_rtmp(root / "nginx") as server:
        matrix = short_matrix(root, server.url, elsewhere={DOWN: nowhere})
        with up(matrix, root / "home", media=media) as fleet:
            shown = OnAir(fleet, server)
            wanted = {room.key for room in shown.rooms}
            there = eventually(lambda: set(server.publishers()) == wanted, COLD_SECONDS, 0.5)
            assert there, fleet.run("status").stdout
            yield shown


@pytest.fixture(scope="package")
def recorded(on_air: OnAir, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Copies of the recordings, once there is enough to see in each."""
    assert eventually(lambda: on_air.shown, COLD_SECONDS, 0.5), on_air.fleet.run("status").stdout
    folder = tmp_path_factory.mktemp("recorded")
    paths = {}
    for room in on_air.rooms:
        [first] = on_air.server.recordings(room.key)
        paths[room.shop] = folder / f"{room.shop}.flv"
        paths[room.shop].write_bytes(whole_tags(first.read_bytes()))
    return Recorded(paths, on_air.taken(), {})
