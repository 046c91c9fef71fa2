"""What is desired, placed and heard of streams, kept up to date by reading what has changed.

The coordinator asks several times a second, mostly for what it knows already. So a look costs one
question when nothing has changed, and four when something has, however large the fleet is; only
the first look, and one after rows were deleted, reads everything.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, select, true

from orchestrator.domain.placement import DesiredStream, Observation, Placement
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import FencingToken, StreamId
from orchestrator.store.changes import Mark, mark
from orchestrator.store.database import Database
from orchestrator.store.observations import observation_of
from orchestrator.store.placements import placement_of
from orchestrator.store.tables import observations, placements, streams

SPEC: TypeAdapter[StreamSpec] = TypeAdapter(StreamSpec)
AT_A_TIME = 500


@dataclass(frozen=True)
class Known:
    """What concerns streams. The same object as long as nothing changes."""

    desired: Mapping[StreamId, DesiredStream] = field(default_factory=dict)
    placements: Mapping[StreamId, Placement] = field(default_factory=dict)
    """The open ones."""
    standbys: Mapping[StreamId, Placement] = field(default_factory=dict)
    """The open ones that prepare to take over."""
    observations: Mapping[StreamId, Observation] = field(default_factory=dict)


class News:
    """One reader's knowledge. Threads may share it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = Known()
        self._open: dict[FencingToken, Placement] = {}
        self._mark: Mark | None = None
        self._reading = threading.Lock()

    def look(self) -> Known:
        """The state now."""
        with self._reading, self._database.reading() as connection:
            now = mark(connection)
            if now != self._mark:
                self._read(connection, now)
            return self._known

    def _read(self, connection: Connection, now: Mark) -> None:
        before, since = self._known, self._mark
        self._mark = None  # a reading that breaks off begins anew
        if since is None or not now.follows(since):
            before, self._open, number = Known(), {}, -1
        else:
            number = since.number
        desired = _desired(connection, before.desired, number)
        opened = self._placements(connection, number)
        words = _changed(connection, observations, number)
        heard = {StreamId(row.stream): observation_of(row) for row in words}
        self._known = Known(
            desired={**before.desired, **desired} if desired else before.desired,
            placements={p.stream: p for p in opened if not p.standby},
            standbys={p.stream: p for p in opened if p.standby},
            observations={**before.observations, **heard} if heard else before.observations,
        )
        self._mark = now

    def _placements(self, connection: Connection, number: int) -> Sequence[Placement]:
        open_ones = placements.c.ended_at.is_(None) if number < 0 else true()
        for row in _changed(connection, placements, number, open_ones):
            placement = placement_of(row)
            if placement.open:
                self._open[placement.token] = placement
            else:
                self._open.pop(placement.token, None)
        return list(self._open.values())


def _changed(
    connection: Connection, table: Any, number: int, condition: ColumnElement[bool] | None = None
) -> Sequence[Any]:
    query = select(table).where(table.c.changed > number)
    return connection.execute(query if condition is None else query.where(condition)).all()


def _desired(
    connection: Connection, before: Mapping[StreamId, DesiredStream], number: int
) -> dict[StreamId, DesiredStream]:
    """The changed streams. Specs are long: what is known by its digest isn't read again."""
    columns = select(streams.c.stream, streams.c.digest, streams.c.wanted, streams.c.revision)
    rows = connection.execute(columns.where(streams.c.changed > number)).all()
    kept = [before[row.stream] for row in rows if row.stream in before]
    specs = {(d.spec.stream, d.digest): d.spec for d in kept}
    unread = [row.stream for row in rows if (row.stream, row.digest) not in specs]
    for at in range(0, len(unread), AT_A_TIME):
        some = streams.c.stream.in_(unread[at : at + AT_A_TIME])
        written = select(streams.c.stream, streams.c.digest, streams.c.spec).where(some)
        for row in connection.execute(written):
            specs[row.stream, row.digest] = SPEC.validate_json(row.spec)
    return {
        StreamId(row.stream): DesiredStream(
            specs[row.stream, row.digest], row.wanted, row.revision, row.digest
        )
        for row in rows
        if (row.stream, row.digest) in specs
    }
