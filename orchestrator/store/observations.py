"""The last phase of each stream, fenced: an older placement's late word changes nothing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, or_, select, update

from orchestrator.domain.placement import Observation
from orchestrator.domain.stream import Phase
from orchestrator.errors import StaleToken
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.store.changes import draw
from orchestrator.store.database import Database
from orchestrator.store.leadership import Leader, fence
from orchestrator.store.tables import observations


class Observations:
    """What was last heard of the streams."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def observe(self, observation: Observation) -> None:
        """Note a phase, unless a newer placement, or a later word of this one, was noted."""
        with self._database.writing() as connection:
            if not note(connection, observation, draw(connection)):
                raise StaleToken

    def note_as_leader(self, leader: Leader, noted: Sequence[Observation]) -> None:
        """Note what the coordinator itself knows, such as that there is no room."""
        with self._database.writing() as connection:
            fence(connection, leader.holder, leader.term)
            number = draw(connection)
            for observation in noted:
                note(connection, observation, number)

    def all(self) -> tuple[Observation, ...]:
        """The last word on every stream, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(observations).order_by(observations.c.stream)).all()
        return tuple(observation_of(row) for row in rows)


def note(connection: Connection, observation: Observation, number: int) -> bool:
    """Write under that change's number if it is news; say whether it was."""
    values = vars(observation) | {"changed": number}
    newer = or_(
        observations.c.token < observation.token,
        and_(observations.c.token == observation.token, observations.c.at <= observation.at),
    )
    here = observations.c.stream == observation.stream
    if connection.execute(update(observations).where(here, newer).values(**values)).rowcount:
        return True
    if connection.execute(select(observations.c.token).where(here)).first():
        return False
    connection.execute(insert(observations).values(**values))
    return True


def observation_of(row: Row[Any]) -> Observation:
    """A row as an observation."""
    return Observation(
        stream=StreamId(row.stream),
        phase=Phase(row.phase),
        reason=row.reason,
        token=FencingToken(row.token),
        node=NodeId(row.node),
        at=row.at,
        permanent=row.permanent,
    )
