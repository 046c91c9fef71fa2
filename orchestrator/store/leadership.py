"""The one row that says who leads, and the fence that every leader's write passes.

A term is won by compare-and-set and only grows. Whoever writes as leader touches the row first, in
the same transaction, under its own term: a leader that was frozen and replaced finds the term
gone, and writes nothing.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from orchestrator.errors import NotLeader, WriteConflict
from orchestrator.store.database import Database
from orchestrator.store.tables import leadership

NOBODY = ""


@dataclass(frozen=True)
class Leader:
    """The row: who leads, in which term, and a beat that moves while the leader lives."""

    holder: str
    term: int
    beat: int


class Leadership:
    """Reading and winning the row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self) -> Leader | None:
        """The row as it is; None before there was ever a leader."""
        columns = select(leadership.c.holder, leadership.c.term, leadership.c.beat)
        with self._database.reading() as connection:
            row = connection.execute(columns).mappings().one_or_none()
        return None if row is None else Leader(**row)

    def take(self, seen: Leader | None, holder: str) -> Leader:
        """Begin a new term, unless the row has moved since it was seen."""
        new = Leader(holder=holder, term=1 if seen is None else seen.term + 1, beat=0)
        with self._database.writing() as connection:
            if seen is None:
                connection.execute(insert(leadership).values(id=1, **vars(new)))
                return new
            changed = connection.execute(
                update(leadership)
                .where(leadership.c.term == seen.term, leadership.c.beat == seen.beat)
                .values(**vars(new))
            ).rowcount
            if not changed:
                raise WriteConflict("Somebody else began a new term first.")
        return new

    def beat(self, holder: str, term: int) -> None:
        """Show that the leader lives."""
        with self._database.writing() as connection:
            fence(connection, holder, term)

    def resign(self, holder: str, term: int) -> None:
        """End a term, so that a standby needn't wait."""
        with self._database.writing() as connection:
            connection.execute(
                update(leadership)
                .where(leadership.c.term == term, leadership.c.holder == holder)
                .values(holder=NOBODY, beat=leadership.c.beat + 1)
            )


def fence(connection: Connection, holder: str, term: int) -> None:
    """Let only the leader of this very term go on in this transaction, and count a beat."""
    changed = connection.execute(
        update(leadership)
        .where(leadership.c.term == term, leadership.c.holder == holder)
        .values(beat=leadership.c.beat + 1)
    ).rowcount
    if not changed:
        raise NotLeader(f"The term {term} is over.")
