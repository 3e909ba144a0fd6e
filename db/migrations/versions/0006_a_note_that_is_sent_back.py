"""When a note on make-up study was sent back, so that it can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply: what was sent back before has no note that lies with a leader, and needs no moment."""
    with op.batch_alter_table("makeup", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sent_back_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take back: what was sent back is open again, as it was before there was this column."""
    op.execute("UPDATE makeup SET submitted_at = NULL WHERE sent_back_at IS NOT NULL AND done_at IS NULL")
    with op.batch_alter_table("makeup", schema=None) as batch_op:
        batch_op.drop_column("sent_back_at")
