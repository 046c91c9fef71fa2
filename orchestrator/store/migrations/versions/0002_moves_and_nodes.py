"""A stream may have a standby beside its placement, and nodes may be drained or set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPEN = "ended_at IS NULL"
INDEXES = {"uq_placements_open_stream": "stream", "uq_placements_open_target": "target"}


def upgrade() -> None:
    op.add_column(
        "placements", sa.Column("standby", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    for name, column in INDEXES.items():
        _drop(name)
        _create(name, [column, "standby"])
    op.create_table(
        "nodes",
        sa.Column("node", sa.String(length=200), nullable=False),
        sa.Column("drained_at", sa.Double(), nullable=True),
        sa.Column("drained_by", sa.String(length=200), nullable=False),
        sa.Column("aside_at", sa.Double(), nullable=True),
        sa.Column("aside_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_nodes")),
    )


def downgrade() -> None:
    op.drop_table("nodes")
    # What only prepares has nothing on air; the old schema has no place for it.
    op.execute(sa.text("UPDATE placements SET ended_at = granted_at WHERE standby AND " + OPEN))
    for name, column in INDEXES.items():
        _drop(name)
        _create(name, [column])
    op.drop_column("placements", "standby")


def _drop(name: str) -> None:
    op.drop_index(
        name, table_name="placements", sqlite_where=sa.text(OPEN), postgresql_where=sa.text(OPEN)
    )


def _create(name: str, columns: list[str]) -> None:
    op.create_index(
        name,
        "placements",
        columns,
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
