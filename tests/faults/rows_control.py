"""Rows about what steers: the leader dies, the store is locked, clips vanish, the clock jumps."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine import make_url

from orchestrator.ids import StreamId
from tests.faults.outcome import Outcome, off_air, outcome
from tests.support.postgres import PostgresProcess
from tests.support.processes import eventually
from tests.support.rig import Rig
from tests.support.rig_streams import key_of
from tests.support.wallclock import WallClock

PATIENCE = 30.0
SETTLE_SECONDS = 2.0
JUMPS = (3600, -3600, 0)


def leader_killed(fleet: Rig, changed: str) -> Outcome:
    """SIGKILL to the leading coordinator, and a change of what is wanted right after."""
    began, name = time.monotonic(), fleet.leader()
    fleet.coordinators[name].kill()
    fleet.store.stop([StreamId(changed)])
    fleet.leader()
    leads = time.monotonic() - began
    applied = _applied(fleet, changed, began)
    fleet.start_coordinator(name)
    return _untouched(fleet, "leader killed", began, changed, leads, applied)


def store_locked(fleet: Rig, changed: str, seconds: float = 30.0) -> Outcome:
    """Another writer holds the store; when it lets go, what is wanted is changed."""
    path = make_url(fleet.settings.store).database
    assert path is not None
    holder = sqlite3.connect(path, isolation_level=None)
    try:
        return _store_away(
            fleet,
            f"store locked {seconds:.0f} s",
            changed,
            seconds,
            lambda: holder.execute("BEGIN IMMEDIATE"),
            lambda: holder.execute("ROLLBACK"),
        )
    finally:
        holder.close()


def store_gone(fleet: Rig, server: PostgresProcess, changed: str, seconds: float = 30.0) -> Outcome:
    """PostgreSQL crashes; when it is back, what is wanted is changed."""
    row = f"store gone {seconds:.0f} s (PostgreSQL)"
    return _store_away(fleet, row, changed, seconds, server.crash, server.start)


def _store_away(
    fleet: Rig,
    row: str,
    changed: str,
    seconds: float,
    take: Callable[[], object],
    give_back: Callable[[], object],
) -> Outcome:
    began = time.monotonic()
    take()
    time.sleep(seconds)
    give_back()
    free = time.monotonic()
    fleet.store.stop([StreamId(changed)])
    applied = _applied(fleet, changed, free)
    fleet.leader()
    leads = time.monotonic() - free
    return _untouched(fleet, row, began, changed, leads, applied)


def clips_gone(fleet: Rig, seconds: float = 15.0, apart_from: Sequence[str] = ()) -> Outcome:
    """The media directory vanishes, as a mount that is lost; then it is there again.

    `apart_from`: keys of streams with which something else is done meanwhile.
    """
    media = fleet.settings.media
    away = media.with_name("media-away")
    began = time.monotonic()
    media.rename(away)

    away_keys = set(apart_from)

    def words_of(fleet: Rig) -> dict[str, str]:
        said = {key_of(name): status.standing_in for name, (_, status) in fleet.statuses().items()}
        return {key: words for key, words in said.items() if words and key not in away_keys}

    def named() -> bool:
        return words_of(fleet).keys() >= set(fleet.keys) - away_keys

    in_words = eventually(named, seconds, 0.2)
    named_after = time.monotonic() - began
    time.sleep(max(0.0, began + seconds - time.monotonic()))
    words = sorted(set(words_of(fleet).values()))
    _bring_back(media, away)
    back = time.monotonic()
    program = eventually(lambda: not words_of(fleet), PATIENCE, 0.2)
    now, shores = time.monotonic(), fleet.judge.shores(began - 1.0)
    looked_at = [shore for key, shore in shores.items() if key not in apart_from]
    return outcome(
        f"clip store gone {seconds:.0f} s",
        [off_air(shore, began, now) for shore in looked_at],
        shores,
        trial="one stream; seconds off air",
        new_connections=sum(shore.changes(began) for shore in looked_at),
        named_after=round(named_after, 1) if in_words else None,
        program_again_after=round(now - back, 1) if program else None,
        said=words[:3],
    )


def clock_jumps(fleet: Rig, clock: WallClock, seconds: float = 6.0) -> Outcome:
    """The wall clock of workers and coordinators goes an hour ahead, two back, and to rights."""
    began = time.monotonic()
    tokens = {p.stream: p.token for p in fleet.store.placements()}
    seen: list[int] = []
    for jump in JUMPS:
        clock.jump(jump)
        time.sleep(seconds)
        seen += _clocks(fleet)
    now, shores = time.monotonic(), fleet.judge.shores(began - 1.0)
    return outcome(
        "wall clock jumps ± 1 h",
        [off_air(shore, began, now) for shore in shores.values()],
        shores,
        trial="one stream; seconds off air",
        new_connections=sum(shore.changes(began) for shore in shores.values()),
        placements_changed=tokens != {p.stream: p.token for p in fleet.store.placements()},
        clocks_of_nodes=seen,
    )


def _clocks(fleet: Rig) -> list[int]:
    """By how much every node's clock is off, once all of them have told."""
    found: list[int] = []

    def told() -> bool:
        found[:] = [round(beat.at - time.time()) for beat in fleet.board.beats()]
        return len(found) == len(fleet.nodes)

    assert eventually(told, PATIENCE), fleet.complaint()
    return found


def _applied(fleet: Rig, stream: str, since: float) -> float:
    """Seconds from then until the endpoint has seen that stream leave."""

    def left() -> bool:
        shore = fleet.judge.shore(key_of(stream))
        return all(one.ended_at is not None for one in shore.connections)

    assert eventually(left, PATIENCE, 0.05), fleet.complaint()
    return time.monotonic() - since


def _untouched(
    fleet: Rig, row: str, began: float, changed: str, leads: float, applied: float
) -> Outcome:
    fleet.store.start([StreamId(changed)])
    fleet.await_on_air()
    time.sleep(SETTLE_SECONDS)
    now, shores = time.monotonic(), fleet.judge.shores(began - 1.0)
    others = [shore for key, shore in shores.items() if key != key_of(changed)]
    return outcome(
        row,
        [off_air(shore, began, now) for shore in others],
        shores,
        trial="one stream; seconds off air",
        new_connections=sum(shore.changes(began) for shore in others),
        leads_after=round(leads, 2),
        change_applied_after=round(applied, 2),
    )


def _bring_back(media: Path, away: Path) -> None:
    def back() -> bool:
        if media.exists():  # somebody has made a new one meanwhile, and may again
            media.rename(media.with_name(f"media-meanwhile-{time.monotonic_ns()}"))
        with suppress(OSError):
            away.rename(media)
        return not away.exists()

    assert eventually(back, PATIENCE)
