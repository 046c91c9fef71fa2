"""Desired state: the matrices that were applied, and the streams that follow from the last one."""

import hashlib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, func, insert, select, update

from orchestrator.domain.placement import DesiredStream
from orchestrator.domain.stream import StreamSpec
from orchestrator.errors import RecordNotFound
from orchestrator.ids import StreamId
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

    def apply(self, document: str, specs: Sequence[StreamSpec], by: str, now: float) -> Applied:
        """Make these streams, and no others, the desired ones; all of them are wanted on air."""
        with self._database.writing() as connection:
            before = {
                StreamId(row.stream): row.digest
                for row in connection.execute(select(streams.c.stream, streams.c.digest))
            }
            revision = _record(connection, document, by, now)
            wanted = {spec.stream: spec for spec in specs}
            applied = _compared(revision, before, {s: spec.digest for s, spec in wanted.items()})
            _forget(connection, applied.removed)
            _keep(connection, applied.unchanged, revision)
            _write(connection, [wanted[s] for s in applied.added], revision, new=True)
            _write(connection, [wanted[s] for s in applied.changed], revision, new=False)
        return applied

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
            known = {row.stream: row.wanted for row in connection.execute(select(streams))}
            unknown = sorted(set(names or ()) - known.keys())
            if unknown:
                raise RecordNotFound(f"There is no stream {', '.join(unknown)} in the matrix.")
            chosen = known.keys() if names is None else names
            changed = sorted(StreamId(s) for s in chosen if known[s] is not wanted)
            if changed:
                connection.execute(
                    update(streams).where(streams.c.stream.in_(changed)).values(wanted=wanted)
                )
        return tuple(changed)

    def latest(self) -> MatrixRecord | None:
        """The matrix that is in force, as it was written."""
        query = select(matrices).order_by(matrices.c.revision.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else MatrixRecord(**row)


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
    if names:
        connection.execute(delete(streams).where(streams.c.stream.in_(names)))


def _keep(connection: Connection, names: Sequence[StreamId], revision: int) -> None:
    if names:
        connection.execute(
            update(streams)
            .where(streams.c.stream.in_(names))
            .values(wanted=True, revision=revision)
        )


def _write(
    connection: Connection, specs: Sequence[StreamSpec], revision: int, *, new: bool
) -> None:
    for spec in specs:
        values: dict[str, Any] = {
            "spec": SPEC.dump_json(spec).decode(),
            "digest": spec.digest,
            "wanted": True,
            "revision": revision,
        }
        if new:
            connection.execute(insert(streams).values(stream=spec.stream, **values))
        else:
            connection.execute(
                update(streams).where(streams.c.stream == spec.stream).values(**values)
            )
