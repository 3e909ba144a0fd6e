"""When somebody will be erased who asked for it, so that it can be undone until then."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("forget_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_person_forget_at"), ["forget_at"], unique=False)


def downgrade() -> None:
    """Take back: whoever was leaving stays."""
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_forget_at"))
        batch_op.drop_column("forget_at")
