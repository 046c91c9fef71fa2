"""Desired state: the matrices that were applied, and the streams that follow from the last one."""

import hashlib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, func, insert, select, update

from orchestrator.domain.placement import DesiredStream
from orchestrator.domain.stream import StreamSpec
from orchestrator.errors import RecordNotFound, WriteConflict
from orchestrator.ids import StreamId
from orchestrator.store.changes import draw, rows_vanish
from orchestrator.store.database import Database
from orchestrator.store.tables import matrices, streams

SPEC: TypeAdapter[StreamSpec] = TypeAdapter(StreamSpec)


@dataclass(frozen=True)
class Applied:
    """What applying a matrix changed, by stream."""

    revision: int
    added: tuple[StreamId, ...]
    changed: tuple[StreamId, ...]
    removed: tuple[StreamId, ...]
    unchanged: tuple[StreamId, ...]
    restarting: tuple[StreamId, ...] = ()
    """Of the changed ones those that need a new connection; the others change in place."""


@dataclass(frozen=True)
class MatrixRecord:
    """A matrix as it was applied."""

    revision: int
    digest: str
    document: str
    applied_at: float
    applied_by: str


class Matrices:
    """The desired state. Written by people's commands, read by the coordinator."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[tuple[str, str], StreamSpec] = {}

    def desired(self) -> tuple[DesiredStream, ...]:
        """All streams of the matrix that is in force, by name."""
        columns = select(streams.c.stream, streams.c.digest, streams.c.wanted, streams.c.revision)
        with self._database.reading() as connection:
            rows = connection.execute(columns.order_by(streams.c.stream)).all()
            specs = self._specs(connection, {(row.stream, row.digest) for row in rows})
        return tuple(
            DesiredStream(
                spec=specs[row.stream, row.digest],
                wanted=row.wanted,
                revision=row.revision,
                digest=row.digest,
            )
            for row in rows
            if (row.stream, row.digest) in specs
        )

    def _specs(
        self, connection: Connection, keys: Set[tuple[str, str]]
    ) -> dict[tuple[str, str], StreamSpec]:
        # Specs are long and asked for every second; what is known by its digest isn't read again.
        specs = {key: spec for key, spec in self._known.items() if key in keys}
        missing = sorted({stream for stream, _ in keys - specs.keys()})
        if missing:
            columns = select(streams.c.stream, streams.c.digest, streams.c.spec)
            for row in connection.execute(columns.where(streams.c.stream.in_(missing))):
                specs[row.stream, row.digest] = SPEC.validate_json(row.spec)
        self._known = specs
        return specs

    def set_wanted(self, names: Sequence[StreamId] | None, wanted: bool) -> tuple[StreamId, ...]:
        """Say of these streams, or of all, whether they shall be on air; say which changed."""
        with self._database.writing() as connection:
            number = draw(connection)
            columns = select(streams.c.stream, streams.c.wanted)
            known = {row.stream: row.wanted for row in connection.execute(columns)}
            unknown = sorted(set(names or ()) - known.keys())
            if unknown:
                raise RecordNotFound(f"There is no stream {', '.join(unknown)} in the matrix.")
            chosen = known.keys() if names is None else names
            changed = sorted(StreamId(s) for s in chosen if known[s] is not wanted)
            if changed:
                rows = update(streams).where(streams.c.stream.in_(changed))
                connection.execute(rows.values(wanted=wanted, changed=number))
        return tuple(changed)

    def latest(self) -> MatrixRecord | None:
        """The matrix that is in force, as it was written."""
        query = select(matrices).order_by(matrices.c.revision.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else MatrixRecord(**row)


def write_desired(
    connection: Connection, document: str, specs: Sequence[StreamSpec], by: str, now: float
) -> Applied:
    """Note a matrix, and make these streams, and no others, the desired ones, wanted on air."""
    number = draw(connection)
    before = {
        StreamId(row.stream): row.digest
        for row in connection.execute(select(streams.c.stream, streams.c.digest))
    }
    revision = _record(connection, document, by, now)
    wanted = {spec.stream: spec for spec in specs}
    applied = _compared(revision, before, {s: spec.digest for s, spec in wanted.items()})
    links = _links(connection, applied.changed)
    if applied.removed:
        _forget(connection, applied.removed)
        rows_vanish(connection, number)
    marks = {"wanted": True, "revision": revision, "changed": number}
    _keep(connection, applied.unchanged, marks)
    _write(connection, [wanted[s] for s in applied.added], marks, new=True)
    _write(connection, [wanted[s] for s in applied.changed], marks, new=False)
    restarting = tuple(s for s in applied.changed if wanted[s].link_digest != links[s])
    return replace(applied, restarting=restarting)


def write_changed(connection: Connection, changes: Sequence[tuple[str, StreamSpec]]) -> None:
    """Change streams in place, each of which still has the digest that was read before."""
    number = draw(connection)
    for before, spec in changes:
        document = SPEC.dump_json(spec).decode()
        values = {"spec": document, "digest": spec.digest, "changed": number}
        as_read = (streams.c.stream == spec.stream) & (streams.c.digest == before)
        if not connection.execute(update(streams).where(as_read).values(**values)).rowcount:
            raise WriteConflict("The stream was changed meanwhile.")


def _links(connection: Connection, names: Sequence[StreamId]) -> dict[StreamId, str]:
    """What the connections of these streams are made of, before they change."""
    if not names:
        return {}
    rows = connection.execute(
        select(streams.c.stream, streams.c.spec).where(streams.c.stream.in_(names))
    )
    return {StreamId(row.stream): SPEC.validate_json(row.spec).link_digest for row in rows}


def _record(connection: Connection, document: str, by: str, now: float) -> int:
    last = connection.execute(select(func.max(matrices.c.revision))).scalar()
    revision = int(last or 0) + 1
    connection.execute(
        insert(matrices).values(
            revision=revision,
            digest=hashlib.sha256(document.encode()).hexdigest(),
            document=document,
            applied_at=now,
            applied_by=by,
        )
    )
    return revision


def _compared(
    revision: int, before: Mapping[StreamId, str], after: Mapping[StreamId, str]
) -> Applied:
    kept = sorted(before.keys() & after.keys())
    return Applied(
        revision=revision,
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(s for s in kept if before[s] != after[s]),
        removed=tuple(sorted(before.keys() - after.keys())),
        unchanged=tuple(s for s in kept if before[s] == after[s]),
    )


def _forget(connection: Connection, names: Sequence[StreamId]) -> None:
    connection.execute(delete(streams).where(streams.c.stream.in_(names)))


def _keep(connection: Connection, names: Sequence[StreamId], marks: Mapping[str, Any]) -> None:
    if names:
        rows = update(streams).where(streams.c.stream.in_(names))
        connection.execute(rows.values(**marks))


def _write(
    connection: Connection, specs: Sequence[StreamSpec], marks: Mapping[str, Any], *, new: bool
) -> None:
    for spec in specs:
        values = {"spec": SPEC.dump_json(spec).decode(), "digest": spec.digest, **marks}
        if new:
            connection.execute(insert(streams).values(stream=spec.stream, **values))
        else:
            connection.execute(
                update(streams).where(streams.c.stream == spec.stream).values(**values)
            )
