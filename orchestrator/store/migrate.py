"""Brings a store to the newest schema. Any process may, at any time; they take turns.

Migrations ship inside the package and run in one transaction, under a lock that all processes
share, so that coordinator, recorder and command line may start in any order.
"""

import threading
from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from orchestrator.store.database import Database

LOCK = 0x446F7070  # any number that nobody else on this PostgreSQL uses


IN_THIS_PROCESS = threading.Lock()
"""Alembic keeps the migration that runs in a global variable."""


def migrate(database: Database) -> None:
    """Apply what is missing; a store that is up to date isn't written to."""
    with IN_THIS_PROCESS, as_file(files("orchestrator.store").joinpath("migrations")) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        head = ScriptDirectory.from_config(config).get_current_head()
        with database.reading() as connection:
            if MigrationContext.configure(connection).get_current_revision() == head:
                return
        with database.writing() as connection:
            _take_turns(connection, database.dialect)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _take_turns(connection: Connection, dialect: str) -> None:
    # SQLite's writing transaction is the lock already.
    if dialect == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
