"""What was decided about nodes: to be emptied by somebody's order, or set aside by the leader.

A node without a row is like any other. Draining is desired state, written by people's commands and
in force until they take it back; setting aside is the leader's judgement, and passes its fence.
"""

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from orchestrator.domain.node import NodeOrder
from orchestrator.ids import NodeId
from orchestrator.store.database import Database
from orchestrator.store.leadership import Leader, fence
from orchestrator.store.tables import nodes

PLAIN: dict[str, Any] = {
    "drained_at": None,
    "drained_by": "",
    "aside_at": None,
    "aside_reason": "",
}


class Nodes:
    """The orders that are in force."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def drain(self, node: NodeId, by: str, now: float) -> bool:
        """Empty a node from now on; False if that was in force already."""
        with self._database.writing() as connection:
            return drained(connection, node, by, now)

    def undrain(self, node: NodeId) -> bool:
        """Take streams there again, even if it was set aside; False if nothing was in force."""
        with self._database.writing() as connection:
            return undrained(connection, node)

    def set_aside(self, leader: Leader, node: NodeId, reason: str, now: float) -> None:
        """Place nothing there for a while, because streams keep failing there."""
        with self._database.writing() as connection:
            fence(connection, leader.holder, leader.term)
            order = _order(connection, node)
            _write(connection, node, order, {"aside_at": now, "aside_reason": reason})

    def lift(self, leader: Leader, node: NodeId) -> None:
        """It has been aside for long enough. If somebody drained it, it stays drained."""
        with self._database.writing() as connection:
            fence(connection, leader.holder, leader.term)
            order = _order(connection, node)
            if order is not None:
                _write(connection, node, order, {"aside_at": None, "aside_reason": ""})

    def all(self) -> tuple[NodeOrder, ...]:
        """The orders that are in force, by node."""
        in_force = or_(nodes.c.drained_at.is_not(None), nodes.c.aside_at.is_not(None))
        query = select(nodes).where(in_force).order_by(nodes.c.node)
        with self._database.reading() as connection:
            return tuple(_read(row) for row in connection.execute(query))


def drained(connection: Connection, node: NodeId, by: str, now: float) -> bool:
    """`Nodes.drain`, within somebody's transaction."""
    order = _order(connection, node)
    if order is not None and order.drains:
        return False
    _write(connection, node, order, {"drained_at": now, "drained_by": by})
    return True


def undrained(connection: Connection, node: NodeId) -> bool:
    """`Nodes.undrain`, within somebody's transaction."""
    order = _order(connection, node)
    connection.execute(delete(nodes).where(nodes.c.node == node))
    return order is not None


def _order(connection: Connection, node: NodeId) -> NodeOrder | None:
    row = connection.execute(select(nodes).where(nodes.c.node == node)).one_or_none()
    return None if row is None else _read(row)


def _write(
    connection: Connection, node: NodeId, before: NodeOrder | None, values: dict[str, Any]
) -> None:
    if before is None:
        connection.execute(insert(nodes).values(node=node, **PLAIN | values))
    else:
        connection.execute(update(nodes).where(nodes.c.node == node).values(**values))


def _read(row: Row[Any]) -> NodeOrder:
    return NodeOrder(
        node=NodeId(row.node),
        drained_at=row.drained_at,
        drained_by=row.drained_by,
        aside_at=row.aside_at,
        aside_reason=row.aside_reason,
    )
