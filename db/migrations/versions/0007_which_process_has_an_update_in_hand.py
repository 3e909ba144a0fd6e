"""Which process has an update in hand, so that another one can take it over."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Apply: what waits is nobody's, and whoever starts takes it over."""
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owner", sa.String(length=16), nullable=True))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_column("owner")
