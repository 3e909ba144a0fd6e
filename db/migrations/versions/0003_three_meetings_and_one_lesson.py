"""Three meetings and one lesson: the year's plan, who is expected, joint sessions, minutes, make-up study, rosters."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "secret",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secret")),
    )
    op.create_table(
        "sent_file",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_sent_file")),
    )
    op.create_table(
        "person_merge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kept_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gone_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["gone_id"], ["person.id"], name=op.f("fk_person_merge_gone_id_person")),
        sa.ForeignKeyConstraint(["kept_id"], ["person.id"], name=op.f("fk_person_merge_kept_id_person")),
        sa.ForeignKeyConstraint(["merged_by"], ["person.id"], name=op.f("fk_person_merge_merged_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
    )
    op.create_table(
        "duty_reason",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subgroup", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("given_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["given_by"], ["person.id"], name=op.f("fk_duty_reason_given_by_person")),
        sa.ForeignKeyConstraint(["group_id"], ["study_group.id"], name=op.f("fk_duty_reason_group_id_study_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_reason")),
        sa.UniqueConstraint("group_id", "subgroup", "kind", "first_day", name="uq_duty_reason_period"),
    )
    op.create_table(
        "duty_told",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subgroup", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("matter", sa.String(length=16), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["study_group.id"], name=op.f("fk_duty_told_group_id_study_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_told")),
        sa.UniqueConstraint("group_id", "subgroup", "kind", "first_day", "matter", name="uq_duty_told_step"),
    )
    op.create_table(
        "long_leave",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_long_leave_decided_by_person")),
        sa.ForeignKeyConstraint(["group_id"], ["study_group.id"], name=op.f("fk_long_leave_group_id_study_group")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_long_leave_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_long_leave")),
    )
    with op.batch_alter_table("long_leave", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_long_leave_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_long_leave_person_id"), ["person_id"], unique=False)

    op.create_table(
        "proposal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["study_group.id"], name=op.f("fk_proposal_group_id_study_group")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_proposal_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index("ix_proposal_group_id_state", ["group_id", "state"], unique=False)

    op.create_table(
        "roster_import",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["study_group.id"], name=op.f("fk_roster_import_group_id_study_group")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_roster_import_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_import")),
    )
    op.create_table(
        "code_try",
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_code_try_person_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["study_session.id"], name=op.f("fk_code_try_session_id_study_session")
        ),
        sa.PrimaryKeyConstraint("session_id", "person_id", name=op.f("pk_code_try")),
    )
    op.create_table(
        "invitation",
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["study_session.id"], name=op.f("fk_invitation_session_id_study_session")
        ),
        sa.PrimaryKeyConstraint("session_id", "person_id", name=op.f("pk_invitation")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_person_id"), ["person_id"], unique=False)

    op.create_table(
        "makeup",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("form", sa.String(length=16), server_default="", nullable=False),
        sa.Column("file_id", sa.Text(), server_default="", nullable=False),
        sa.Column("file_name", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_makeup_decided_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_makeup_person_id_person")),
        sa.ForeignKeyConstraint(["session_id"], ["study_session.id"], name=op.f("fk_makeup_session_id_study_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_makeup")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_makeup_session_id_person_id")),
    )
    with op.batch_alter_table("makeup", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_makeup_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_makeup_person_id"), ["person_id"], unique=False)

    op.create_table(
        "session_group",
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("card_message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("checkin_message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["study_group.id"], name=op.f("fk_session_group_group_id_study_group")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["study_session.id"], name=op.f("fk_session_group_session_id_study_session")
        ),
        sa.PrimaryKeyConstraint("session_id", "group_id", name=op.f("pk_session_group")),
    )
    with op.batch_alter_table("session_group", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_group_group_id"), ["group_id"], unique=False)

    op.create_table(
        "swap",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mine_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("theirs_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_id"], ["person.id"], name=op.f("fk_swap_asked_id_person")),
        sa.ForeignKeyConstraint(["asker_id"], ["person.id"], name=op.f("fk_swap_asker_id_person")),
        sa.ForeignKeyConstraint(["mine_id"], ["study_session.id"], name=op.f("fk_swap_mine_id_study_session")),
        sa.ForeignKeyConstraint(["theirs_id"], ["study_session.id"], name=op.f("fk_swap_theirs_id_study_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap")),
    )
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.add_column(sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("appeal", sa.Text(), server_default="", nullable=False))

    with op.batch_alter_table("material", schema=None) as batch_op:
        batch_op.add_column(sa.Column("purpose", sa.String(length=16), server_default="material", nullable=False))

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.add_column(sa.Column("standing", sa.String(length=16), server_default="full", nullable=False))
        batch_op.add_column(sa.Column("committee", sa.Boolean(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("subgroup", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("speaks", sa.Boolean(), server_default="1", nullable=False))

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("number", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("merged_into", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )

    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.add_column(sa.Column("audience", sa.String(length=16), server_default="group", nullable=False))
        batch_op.add_column(sa.Column("subgroup", sa.Text(), server_default="", nullable=False))

    with op.batch_alter_table("study_group", schema=None) as batch_op:
        batch_op.add_column(sa.Column("form", sa.String(length=16), server_default="group", nullable=False))
        batch_op.add_column(sa.Column("picture_theme", sa.String(length=16), server_default="light", nullable=False))
        batch_op.add_column(sa.Column("kinds", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("rota", sa.Boolean(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("makeup_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("next_radar_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_study_group_next_radar_at"), ["next_radar_at"], unique=False)

    with op.batch_alter_table("study_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("audience", sa.String(length=16), server_default="group", nullable=False))
        batch_op.add_column(sa.Column("subgroup", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("also_kind", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("joint", sa.Boolean(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("host_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.add_column(
            sa.Column("recorder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("agenda", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("decisions", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("reviewed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("venue_latitude", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("venue_longitude", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("venue_metres", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_study_session_host_id_person"), "person", ["host_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_study_session_reviewed_by_person"), "person", ["reviewed_by"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_study_session_recorder_id_person"), "person", ["recorder_id"], ["id"]
        )

    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kinds", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_column("removed_at")
        batch_op.drop_column("kinds")

    with op.batch_alter_table("study_session", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_study_session_recorder_id_person"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_study_session_reviewed_by_person"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_study_session_host_id_person"), type_="foreignkey")
        batch_op.drop_column("venue_metres")
        batch_op.drop_column("venue_longitude")
        batch_op.drop_column("venue_latitude")
        batch_op.drop_column("reviewed_at")
        batch_op.drop_column("reviewed_by")
        batch_op.drop_column("decisions")
        batch_op.drop_column("agenda")
        batch_op.drop_column("recorder_id")
        batch_op.drop_column("host_id")
        batch_op.drop_column("joint")
        batch_op.drop_column("also_kind")
        batch_op.drop_column("subgroup")
        batch_op.drop_column("audience")

    with op.batch_alter_table("study_group", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_study_group_next_radar_at"))
        batch_op.drop_column("next_radar_at")
        batch_op.drop_column("makeup_days")
        batch_op.drop_column("rota")
        batch_op.drop_column("kinds")
        batch_op.drop_column("picture_theme")
        batch_op.drop_column("form")

    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.drop_column("subgroup")
        batch_op.drop_column("audience")

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("merged_into")
        batch_op.drop_column("number")

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_column("speaks")
        batch_op.drop_column("subgroup")
        batch_op.drop_column("committee")
        batch_op.drop_column("standing")

    with op.batch_alter_table("material", schema=None) as batch_op:
        batch_op.drop_column("purpose")

    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.drop_column("appeal")
        batch_op.drop_column("appealed_at")

    op.drop_table("swap")
    with op.batch_alter_table("session_group", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_group_group_id"))

    op.drop_table("session_group")
    with op.batch_alter_table("makeup", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_makeup_person_id"))
        batch_op.drop_index(batch_op.f("ix_makeup_due_at"))

    op.drop_table("makeup")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_person_id"))

    op.drop_table("invitation")
    op.drop_table("code_try")
    op.drop_table("roster_import")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index("ix_proposal_group_id_state")

    op.drop_table("proposal")
    with op.batch_alter_table("long_leave", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_long_leave_person_id"))
        batch_op.drop_index(batch_op.f("ix_long_leave_group_id"))

    op.drop_table("long_leave")
    op.drop_table("duty_told")
    op.drop_table("duty_reason")
    op.drop_table("person_merge")
    op.drop_table("sent_file")
    op.drop_table("secret")
