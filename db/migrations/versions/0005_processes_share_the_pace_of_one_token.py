"""Processes share the pace of one token."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "replica",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_replica")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("replica")
