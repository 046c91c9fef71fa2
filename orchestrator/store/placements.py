"""Placements and their fencing tokens: granted by the leader, one open placement a stream, and
beside it one standby at most, which prepares to take over."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from orchestrator.domain.placement import DesiredStream, Placement
from orchestrator.errors import WriteConflict
from orchestrator.ids import FencingToken, NodeId, StreamId, TargetDigest
from orchestrator.store.changes import draw
from orchestrator.store.database import Database
from orchestrator.store.leadership import Leader, fence
from orchestrator.store.tables import placements, targets

Promotion = tuple[Placement, Placement | None, str]
"""A standby, the placement that it takes over from unless that has ended already, and why."""

FIRST_SECOND = 1_767_225_600
"""2026-01-01 UTC; keeps tokens short."""
TOKENS_A_SECOND = 1000
"""No fleet is given as many for long, so no token is ahead of the time when it was drawn."""


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
            marks = {"granted_at": now, "standby": standby}
            number = draw(connection)
            return tuple(
                _grant(connection, desired, node, marks, number) for desired, node in assignments
            )

    def promote(self, leader: Leader, promotions: Sequence[Promotion], now: float) -> None:
        """Let standbys take over from the placements beside them, which end; all or none."""
        with self._database.writing() as connection:
            fence(connection, leader.holder, leader.term)
            number = draw(connection)
            for standby, old, reason in promotions:
                if old is not None:
                    _end(connection, old, reason, now, number)
                _promote(connection, standby, number)

    def end(self, leader: Leader, endings: Sequence[tuple[Placement, str]], now: float) -> None:
        """Note that nothing runs under these placements any more, and why."""
        with self._database.writing() as connection:
            fence(connection, leader.holder, leader.term)
            number = draw(connection)
            for placement, reason in endings:
                _end(connection, placement, reason, now, number)

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
        return tuple(placement_of(row) for row in rows)


def _grant(
    connection: Connection,
    desired: DesiredStream,
    node: NodeId,
    marks: Mapping[str, Any],
    number: int,
) -> Placement:
    placement = Placement(
        stream=desired.spec.stream,
        target=desired.spec.endpoint.target,
        node=node,
        token=_next_token(connection, desired.spec.endpoint.target, marks["granted_at"]),
        link_digest=desired.spec.link_digest,
        revision=desired.revision,
        **marks,
    )
    connection.execute(insert(placements).values(**vars(placement), changed=number))
    return placement


def _end(
    connection: Connection, placement: Placement, reason: str, now: float, number: int
) -> None:
    connection.execute(
        update(placements)
        .where(placements.c.token == placement.token, placements.c.ended_at.is_(None))
        .values(ended_at=now, reason=reason, changed=number)
    )


def _promote(connection: Connection, standby: Placement, number: int) -> None:
    waits = placements.c.standby.is_(True) & placements.c.ended_at.is_(None)
    rows = update(placements).where(placements.c.token == standby.token, waits)
    if not connection.execute(rows.values(standby=False, changed=number)).rowcount:
        raise WriteConflict("The standby has ended meanwhile.")


def _next_token(connection: Connection, target: TargetDigest, now: float) -> FencingToken:
    # The fence's row lock makes this the only transaction that draws a number. Tokens follow the
    # time as well as each other: a store that was lost, or restored from an old backup, doesn't
    # draw what was drawn before, and what Redis and the nodes remember isn't newer than a grant.
    last = connection.execute(select(func.max(targets.c.token))).scalar()
    of_now = int((now - FIRST_SECOND) * TOKENS_A_SECOND)
    token = max(1, of_now, 0 if last is None else int(last) + 1)
    changed = connection.execute(
        update(targets).where(targets.c.target == target).values(token=token)
    ).rowcount
    if not changed:
        connection.execute(insert(targets).values(target=target, token=token))
    return FencingToken(token)


def placement_of(row: Row[Any]) -> Placement:
    """A row as a placement."""
    return Placement(
        stream=StreamId(row.stream),
        target=TargetDigest(row.target),
        node=NodeId(row.node),
        token=FencingToken(row.token),
        link_digest=row.link_digest,
        revision=row.revision,
        granted_at=row.granted_at,
        ended_at=row.ended_at,
        reason=row.reason,
        standby=row.standby,
    )
