"""Rows say when they last changed, so that a coordinator reads the news only."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("streams", "placements", "observations")


def upgrade() -> None:
    changes = op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("vanished", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_changes_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.bulk_insert(changes, [{"id": 1, "number": 0, "vanished": 0}])
    for table in TABLES:
        op.add_column(
            table, sa.Column("changed", sa.BigInteger(), nullable=False, server_default="0")
        )
        op.create_index(f"ix_{table}_changed", table, ["changed"], unique=False)


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"ix_{table}_changed", table_name=table)
        op.drop_column(table, "changed")
    op.drop_table("changes")
