"""What happened, as reported: append-only, and counted once however often it is delivered."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from orchestrator.domain.evidence import NodeWish, Report, ReportKind
from orchestrator.domain.placement import Observation
from orchestrator.domain.stream import Phase
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.store.changes import draw
from orchestrator.store.database import Database
from orchestrator.store.nodes import drained, undrained
from orchestrator.store.observations import note
from orchestrator.store.tables import placements, reports


class Reports:
    """The reports. The recorder writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, batch: Sequence[Report]) -> int:
        """Write what is new, phases into the observations too; say how many were new.

        What a standby says is kept, but it isn't where the stream stands. What an
        admin told a worker becomes desired state, in the order in which it was said.
        """
        with self._database.writing() as connection:
            fresh = _unseen(connection, batch)
            if fresh:
                connection.execute(insert(reports), [_values(report) for report in fresh])
            words = [word for report in fresh if (word := observed(report)) is not None]
            number = draw(connection) if words else 0
            standbys = _standbys(connection, [word.token for word in words])
            for word in words:
                if word.token not in standbys:
                    note(connection, word, number)
            for report in sorted(fresh, key=lambda report: report.at):
                _grant(connection, report)
        return len(fresh)

    def latest(self, kind: ReportKind, limit: int = 100) -> tuple[Report, ...]:
        """The last reports of a kind, newest first."""
        query = select(reports).where(reports.c.kind == kind.value)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(reports.c.at.desc()).limit(limit)).all()
        return tuple(_report(row) for row in rows)


def observed(report: Report) -> Observation | None:
    """What a report says of a stream's phase, if it does."""
    phase = report.facts.get("phase")
    if report.kind is not ReportKind.PHASE or phase not in set(Phase):
        return None
    if report.stream is None or report.token is None:
        return None
    return Observation(
        stream=report.stream,
        phase=Phase(str(phase)),
        reason=str(report.facts.get("reason") or ""),
        token=report.token,
        node=report.node,
        at=report.at,
        # A run says failed only when it thinks that trying again can't help.
        permanent=bool(report.facts.get("permanent", phase == Phase.FAILED)),
    )


def _grant(connection: Connection, report: Report) -> None:
    if report.kind is not ReportKind.WISH:
        return
    wish = report.facts.get("wish")
    if wish == NodeWish.DRAIN:
        drained(connection, report.node, str(report.facts.get("by") or "an admin"), report.at)
    elif wish == NodeWish.UNDRAIN:
        undrained(connection, report.node)


def _unseen(connection: Connection, batch: Sequence[Report]) -> list[Report]:
    by_id = {report.report: report for report in batch}
    query = select(reports.c.report).where(reports.c.report.in_(by_id))
    seen = set(connection.execute(query).scalars())
    return [report for name, report in by_id.items() if name not in seen]


def _standbys(connection: Connection, tokens: Sequence[FencingToken]) -> set[FencingToken]:
    """Those of the tokens under which nothing was ever on air: the stream is elsewhere."""
    if not tokens:
        return set()
    query = select(placements.c.token).where(placements.c.standby, placements.c.token.in_(tokens))
    return {FencingToken(token) for token in connection.execute(query).scalars()}


def _values(report: Report) -> dict[str, Any]:
    return vars(report) | {
        "kind": report.kind.value,
        "facts": json.dumps(dict(report.facts), ensure_ascii=False, sort_keys=True),
    }


def _report(row: Row[Any]) -> Report:
    return Report(
        report=row.report,
        kind=ReportKind(row.kind),
        node=NodeId(row.node),
        at=row.at,
        stream=None if row.stream is None else StreamId(row.stream),
        token=None if row.token is None else FencingToken(row.token),
        facts=json.loads(row.facts),
    )
