"""Numbers for what changes, so that whoever looks again reads the news only.

Every transaction that writes streams, placements or observations first draws a number, and marks
its rows with it. The number's row stays locked until the transaction ends: so numbers are committed
in their order, and whoever reads a number finds all that was written under it and before. A row
that is deleted can't be marked; `vanished` is the number under which that last happened, and who
has looked before then reads everything anew.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from orchestrator.store.tables import changes


@dataclass(frozen=True)
class Mark:
    """How far the store has come."""

    number: int
    vanished: int

    def follows(self, before: "Mark | None") -> bool:
        """Whether all that has changed since is marked. A restored store goes back in time."""
        return before is not None and self.vanished <= before.number <= self.number


def draw(connection: Connection) -> int:
    """The number of this transaction, which others wait for from now on."""
    connection.execute(update(changes).values(number=changes.c.number + 1))
    return int(connection.execute(select(changes.c.number)).scalar_one())


def rows_vanish(connection: Connection, number: int) -> None:
    """Rows are deleted under that number."""
    connection.execute(update(changes).values(vanished=number))


def mark(connection: Connection) -> Mark:
    """How far the store has come, for this transaction."""
    row = connection.execute(select(changes.c.number, changes.c.vanished)).one()
    return Mark(row.number, row.vanished)
