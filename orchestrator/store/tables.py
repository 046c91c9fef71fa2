"""The tables, nothing else. Their history is in `migrations`; a test keeps the two equal.

    matrices      what was applied, word by word
    streams       what is desired now
    targets       the newest fencing token of each target
    placements    who was given which target, and until when
    nodes         what was decided about nodes: to be emptied, or set aside
    observations  the last phase of each stream
    reports       what happened; append-only, idempotent by id
    plans         each day's plans, and which of them is in force
    acts          what each double shows and says in each stream's room
    plan_troubles one row at most: why the next day has no plan yet
    leadership    one row: who leads
    changes       one row: the number of the last change (changes.py)

Times are wall-clock seconds, for people. Tokens are drawn from one row of numbers for the whole
fleet, so that a stream's tokens grow even when it moves to another target.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

OPEN = text("ended_at IS NULL")

matrices = Table(
    "matrices",
    metadata,
    Column("revision", Integer, primary_key=True, autoincrement=True),
    Column("digest", String(64), nullable=False),
    Column("document", Text, nullable=False),
    Column("applied_at", Double, nullable=False),
    Column("applied_by", String(200), nullable=False),
)

streams = Table(
    "streams",
    metadata,
    Column("stream", String(200), primary_key=True),
    Column("spec", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("wanted", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changed", BigInteger, nullable=False, server_default="0"),
    Index("ix_streams_changed", "changed"),
)

targets = Table(
    "targets",
    metadata,
    Column("target", String(64), primary_key=True),
    Column("token", BigInteger, nullable=False),
)

placements = Table(
    "placements",
    metadata,
    Column("token", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", String(200), nullable=False),
    Column("target", String(64), nullable=False),
    Column("node", String(200), nullable=False),
    Column("link_digest", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("granted_at", Double, nullable=False),
    Column("ended_at", Double, nullable=True),
    Column("reason", Text, nullable=False),
    Column("standby", Boolean, nullable=False, server_default=false()),
    Column("changed", BigInteger, nullable=False, server_default="0"),
    Index("ix_placements_changed", "changed"),
    Index(
        "uq_placements_open_stream",
        "stream",
        "standby",
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    ),
    Index(
        "uq_placements_open_target",
        "target",
        "standby",
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    ),
)

nodes = Table(
    "nodes",
    metadata,
    Column("node", String(200), primary_key=True),
    Column("drained_at", Double, nullable=True),
    Column("drained_by", String(200), nullable=False),
    Column("aside_at", Double, nullable=True),
    Column("aside_reason", Text, nullable=False),
)

observations = Table(
    "observations",
    metadata,
    Column("stream", String(200), primary_key=True),
    Column("phase", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("node", String(200), nullable=False),
    Column("at", Double, nullable=False),
    Column("permanent", Boolean, nullable=False),
    Column("changed", BigInteger, nullable=False, server_default="0"),
    Index("ix_observations_changed", "changed"),
)

reports = Table(
    "reports",
    metadata,
    Column("report", Text, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("node", String(200), nullable=False),
    Column("stream", String(200), nullable=True),
    Column("token", BigInteger, nullable=True),
    Column("at", Double, nullable=False),
    Column("facts", Text, nullable=False),
    Index("ix_reports_kind_at", "kind", "at"),
    Index("ix_reports_stream_at", "stream", "at"),
)

plans = Table(
    "plans",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("day", String(10), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("plan", Text, nullable=False),
    Column("problem", String(64), nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("bound", Double, nullable=False),
    Column("lacking", Integer, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("ends_at", Double, nullable=False),
    Column("made_at", Double, nullable=False),
    Column("made_by", String(200), nullable=False),
    Column("in_force", Boolean, nullable=False),
    Index("ix_plans_day", "day"),
)

acts = Table(
    "acts",
    metadata,
    Column("stream", String(200), primary_key=True),
    Column("persona", String(200), primary_key=True),
    Column("act", Text, nullable=False),
)

plan_troubles = Table(
    "plan_troubles",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("day", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Double, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

leadership = Table(
    "leadership",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("holder", String(200), nullable=False),
    Column("term", BigInteger, nullable=False),
    Column("beat", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

changes = Table(
    "changes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("vanished", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
