"""Placements and their fencing tokens: granted by the leader, one open placement a stream, and
beside it one standby at most, which prepares to take over."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from orchestrator.domain.placement import DesiredStream, Placement
from orchestrator.errors import WriteConflict
from orchestrator.ids import FencingToken, NodeId, StreamId, TargetDigest
from orchestrator.store.database import Database
from orchestrator.store.leadership import Leader, fence
from orchestrator.store.tables import placements, targets

Promotion = tuple[Placement, Placement | None, str]
"""A standby, the placement that it takes over from unless that has ended already, and why."""

FIRST_SECOND = 1_767_225_600
"""2026-01-01 UTC; keeps tokens short."""


class Placements:
    """The placements, past and open. Only the leader writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def grant(
        self,
        leader: Leader,
        assignments: Sequence[tuple[DesiredStream, NodeId]],
        now: float,
        *,
        standby: bool = False,
    ) -> tuple[Placement, ...]:
        """Give these streams to these nodes, each under a new token; all or none.

        A standby comes beside the placement that a stream has, and has nothing on air yet.
        """
        with self._database.writing() as connection:
            fence(connection, leader.holder, leader.term)
            return tuple(
                _grant(connection, desired, node, now, standby) for desired, node in assignments
            )

    def promote(self, leader: Leader, promotions: Sequence[Promotion], now: float) -> None:
        """Let standbys take over from the placements beside them, which end; all or none."""
        with self._database.writing() as connection:
            fence(connection, leader.holder, leader.term)
            for standby, old, reason in promotions:
                if old is not None:
                    _end(connection, old, reason, now)
                _promote(connection, standby)

    def end(self, leader: Leader, endings: Sequence[tuple[Placement, str]], now: float) -> None:
        """Note that nothing runs under these placements any more, and why."""
        with self._database.writing() as connection:
            fence(connection, leader.holder, leader.term)
            for placement, reason in endings:
                _end(connection, placement, reason, now)

    def open(self) -> tuple[Placement, ...]:
        """All open placements, standbys too, by stream; the newest comes last."""
        return self._read(placements.c.ended_at.is_(None))

    def of(self, stream: StreamId) -> tuple[Placement, ...]:
        """A stream's placements, oldest first."""
        return self._read(placements.c.stream == stream)

    def revisions(self, tokens: Sequence[FencingToken]) -> dict[FencingToken, int]:
        """The matrix's revision under which each of these placements was granted."""
        if not tokens:
            return {}
        query = select(placements.c.token, placements.c.revision)
        with self._database.reading() as connection:
            rows = connection.execute(query.where(placements.c.token.in_(tokens))).all()
        return {FencingToken(row.token): row.revision for row in rows}

    def _read(self, condition: Any) -> tuple[Placement, ...]:
        query = select(placements).where(condition)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(placements.c.stream, placements.c.token)).all()
        return tuple(_placement(row) for row in rows)


def _grant(
    connection: Connection, desired: DesiredStream, node: NodeId, now: float, standby: bool
) -> Placement:
    placement = Placement(
        stream=desired.spec.stream,
        target=desired.spec.endpoint.target,
        node=node,
        token=_next_token(connection, desired.spec.endpoint.target, now),
        spec_digest=desired.digest,
        revision=desired.revision,
        granted_at=now,
        standby=standby,
    )
    connection.execute(insert(placements).values(**vars(placement)))
    return placement


def _end(connection: Connection, placement: Placement, reason: str, now: float) -> None:
    connection.execute(
        update(placements)
        .where(placements.c.token == placement.token, placements.c.ended_at.is_(None))
        .values(ended_at=now, reason=reason)
    )


def _promote(connection: Connection, standby: Placement) -> None:
    waits = placements.c.standby.is_(True) & placements.c.ended_at.is_(None)
    changed = connection.execute(
        update(placements).where(placements.c.token == standby.token, waits).values(standby=False)
    ).rowcount
    if not changed:
        raise WriteConflict("The standby has ended meanwhile.")


def _next_token(connection: Connection, target: TargetDigest, now: float) -> FencingToken:
    # The fence's row lock makes this the only transaction that draws a number. The first number
    # of a new store is the time, so that a store that was lost doesn't begin below its past.
    last = connection.execute(select(func.max(targets.c.token))).scalar()
    token = max(1, int(now) - FIRST_SECOND) if last is None else int(last) + 1
    changed = connection.execute(
        update(targets).where(targets.c.target == target).values(token=token)
    ).rowcount
    if not changed:
        connection.execute(insert(targets).values(target=target, token=token))
    return FencingToken(token)


def _placement(row: Row[Any]) -> Placement:
    return Placement(
        stream=StreamId(row.stream),
        target=TargetDigest(row.target),
        node=NodeId(row.node),
        token=FencingToken(row.token),
        spec_digest=row.spec_digest,
        revision=row.revision,
        granted_at=row.granted_at,
        ended_at=row.ended_at,
        reason=row.reason,
        standby=row.standby,
    )
