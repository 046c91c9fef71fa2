"""The database: SQLite in a file, or PostgreSQL. One suite of tests runs on both.

SQLite keeps a write-ahead log, so that readers never wait for the writer, and every transaction
that writes says so at its beginning: a reader that turned into a writer could be refused in the
middle. Foreign exceptions end here: what can't be reached or is locked is `StoreUnavailable`,
what somebody else wrote first is `WriteConflict`.

A process that is frozen in the middle of a transaction keeps what it has locked. PostgreSQL takes
that back after `IDLE_SECONDS`. Nobody can for SQLite's file: until such a process thaws or is
killed nothing is planned or placed, and what is on air stays there. Where a standby has to outlive
a leader that freezes at any moment, the store is PostgreSQL.
"""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, SQLAlchemyError

from orchestrator.errors import (
    ConfigurationError,
    StoreError,
    StoreUnavailable,
    ValueRefused,
    WriteConflict,
)

BUSY_SECONDS = 5.0
SILENCE_SECONDS = 10
CONNECT_SECONDS = 3
IDLE_SECONDS = 3
"""Between two statements of a transaction; none of ours waits for anything there."""


class Database:
    """An engine, and transactions that speak our errors."""

    def __init__(self, url: str) -> None:
        address = _address(url)
        self.dialect = address.get_backend_name()
        self.engine = _sqlite(address) if self.dialect == "sqlite" else _postgres(address)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the store."""
        with _translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes: all of it, or nothing."""
        with _translated(), self.engine.connect() as connection:
            writer = connection.execution_options(doppelcast_writes=True)
            with writer.begin():
                yield writer

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise WriteConflict from error
    except DataError as error:
        raise ValueRefused(f"The store can't hold that: {_first_line(error)}") from error
    except DBAPIError as error:
        raise StoreUnavailable(f"The store doesn't answer: {_first_line(error)}") from error
    except SQLAlchemyError as error:
        raise StoreError(f"The store refused: {type(error).__name__}.") from error


def _first_line(error: DBAPIError) -> str:
    text = str(error.orig).strip()
    return text.splitlines()[0] if text else type(error.orig).__name__


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError(
            "DOPPELCAST_STORE_URL is not an address. "
            "Allowed are sqlite:///PATH and postgresql://USER:PASSWORD@HOST/NAME."
        ) from error
    backend = address.get_backend_name()
    if backend == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ConfigurationError(
            f"DOPPELCAST_STORE_URL: {backend} isn't supported. "
            "Allowed are sqlite:///PATH and postgresql://USER:PASSWORD@HOST/NAME."
        )
    return address


def _sqlite(address: URL) -> Engine:
    if address.database and address.database != ":memory:":
        _make_file(Path(address.database))
    engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_file(path: Path) -> None:
    # SQLite doesn't wait when two processes switch one new file to write-ahead logging; they take
    # turns here. The mode stays with the file.
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_name(f"{path.name}.lock").open("ab") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
            connection.execute("PRAGMA journal_mode=WAL").close()
            connection.close()
    except OSError as error:
        raise StoreUnavailable(f"The store's file can't be made: {error.strerror}.") from error
    except sqlite3.Error as error:
        raise StoreUnavailable(f"The store's file can't be used: {error}.") from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own idea of when a transaction begins is switched off; `_begin_sqlite` says it.
    connection.isolation_level = None
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("doppelcast_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgres(address: URL) -> Engine:
    return create_engine(
        address,
        pool_pre_ping=True,
        pool_size=3,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": "-c lock_timeout=5s -c statement_timeout=15s"
            f" -c idle_in_transaction_session_timeout={IDLE_SECONDS}s",
            # A server that vanished without a word is noticed within seconds, not a quarter hour.
            "tcp_user_timeout": SILENCE_SECONDS * 1000,
            "keepalives_idle": SILENCE_SECONDS // 2,
            "keepalives_interval": SILENCE_SECONDS // 5,
            "keepalives_count": 3,
        },
    )
