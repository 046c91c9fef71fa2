"""A day may be planned: plans, what each double says in each shop, and changes made in place."""

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rename("spec_digest", "link_digest")
    _fill(op.get_bind())
    op.create_table(
        "acts",
        sa.Column("stream", sa.String(length=200), nullable=False),
        sa.Column("persona", sa.String(length=200), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "persona", name=op.f("pk_acts")),
    )
    op.create_table(
        "plans",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("problem", sa.String(length=64), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("bound", sa.Double(), nullable=False),
        sa.Column("lacking", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("ends_at", sa.Double(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_plans")),
    )
    op.create_index("ix_plans_day", "plans", ["day"], unique=False)
    op.create_table(
        "plan_troubles",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_plan_troubles_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_troubles")),
    )


def downgrade() -> None:
    op.drop_table("plan_troubles")
    op.drop_index("ix_plans_day", table_name="plans")
    op.drop_table("plans")
    op.drop_table("acts")
    # The old version compares it with a spec's digest, so it begins every stream anew.
    _rename("link_digest", "spec_digest")


def _rename(before: str, after: str) -> None:
    op.alter_column(
        "placements",
        before,
        new_column_name=after,
        existing_type=sa.String(length=64),
        existing_nullable=False,
    )


def _fill(connection: sa.Connection) -> None:
    """What runs as desired stays on air: its placement gets the digest of its connection."""
    placements = sa.table(
        "placements", sa.column("token"), sa.column("stream"), sa.column("link_digest")
    )
    streams = sa.table("streams", sa.column("stream"), sa.column("spec"), sa.column("digest"))
    pairs = sa.select(placements.c.token, streams.c.spec).join(
        streams,
        sa.and_(
            streams.c.stream == placements.c.stream, streams.c.digest == placements.c.link_digest
        ),
    )
    for token, spec in connection.execute(pairs).all():
        connection.execute(
            sa.update(placements)
            .where(placements.c.token == token)
            .values(link_digest=_link_digest(json.loads(spec)))
        )


def _link_digest(spec: dict[str, Any]) -> str:
    link = [spec[part] for part in ("stream", "platform", "endpoint", "profile", "producer")]
    text = json.dumps(link, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
