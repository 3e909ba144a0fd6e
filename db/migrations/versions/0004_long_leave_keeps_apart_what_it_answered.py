"""Long leave keeps apart what it answered."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("long_leave_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_response_long_leave_id_long_leave"), "long_leave", ["long_leave_id"], ["id"]
        )


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_response_long_leave_id_long_leave"), type_="foreignkey")
        batch_op.drop_column("long_leave_id")
