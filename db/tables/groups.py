"""Who and where: units, chats, people, study groups, their members, and the admins of units."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from db.tables.metadata import Id, Instant, metadata

# A unit of the organisation; units form a tree. The root is made when the operator first needs it.
unit = Table(
    "unit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("parent_id", Id, ForeignKey("unit.id"), index=True),
    Column("name", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("kinds", JSON),  # what it sets of the kinds of session, see domain.kinds.override; None: nothing
    Column("removed_at", Instant),  # a unit that nothing is in any more; the audit log still names it
)

# A place messages go to. Deliveries name this row, so a group that becomes a supergroup changes one number here.
chat = Table(
    "chat",
    metadata,
    Column("id", Id, primary_key=True),
    Column("telegram_id", Id, nullable=False, unique=True),
    Column("kind", String(16), nullable=False),  # private | group
    Column("state", String(16), nullable=False, server_default="active"),  # active | gone
)

# Somebody the bot has met, known by the numeric Telegram id alone.
person = Table(
    "person",
    metadata,
    Column("id", Id, primary_key=True),
    Column("telegram_id", Id, unique=True),
    Column("name", Text, nullable=False),
    Column("language", String(16)),  # chosen, else as Telegram says; None: the default
    Column("chat_id", Id, ForeignKey("chat.id")),  # the private chat, once they have pressed Start
    Column("private_reminders", Boolean, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("real_name", Text),  # given in private for the ledger; None: the name Telegram shows
    Column("time_zone", String(64)),  # None: the group's
    Column("lead_minutes", Integer),  # private reminder before the start; None: the rule's
    Column("quiet_from", SmallInteger),  # minutes of the local day; None: the rule's; both equal: no quiet hours
    Column("quiet_to", SmallInteger),
    Column("board_name", String(16), nullable=False, server_default="name"),  # name | nickname | hidden
    Column("nickname", Text),
    Column("last_group_id", Id),  # the group that was chosen last where several applied
    Column("forget_at", Instant, index=True),  # when the name and the account will be erased, as they asked
    Column("forgotten_at", Instant),  # when the name and the account were erased on request
    Column("number", Text),  # the organisation's number of this person, from a roster; None: not given
    Column("merged_into", Id),  # the person that this row was found to be as well; None: itself
)

study_group = Table(
    "study_group",
    metadata,
    Column("id", Id, primary_key=True),
    Column("unit_id", Id, ForeignKey("unit.id"), nullable=False, index=True),
    Column("chat_id", Id, ForeignKey("chat.id"), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("next_board_at", Instant, index=True),  # when the weekly leaderboard is due next
    Column("created_at", Instant, nullable=False),
    Column("created_by", Id, ForeignKey("person.id")),
    Column("reminder_minutes", Integer),  # the group's reminder before the start; None: the rule's; 0: none
    Column("leave_minutes", Integer),  # leave is asked for until so long before the start; None: the rule's
    Column("nudge_minutes", Integer),  # who has not answered is asked so long before; None: the rule's; 0: never
    Column("quiet_from", SmallInteger),  # minutes of the local day; None: the rule's; both equal: no quiet hours
    Column("quiet_to", SmallInteger),
    Column("board_shown", Boolean, nullable=False, server_default="1"),  # whether the weekly board is posted
    Column("form", String(16), nullable=False, server_default="group"),  # group | branch: what its plan asks of it
    Column("picture_theme", String(16), nullable=False, server_default="light"),  # light | dark | none
    Column("kinds", JSON),  # what it sets of the kinds of session, over those of its units; None: nothing
    Column("rota", Boolean, nullable=False, server_default="0"),  # whether speakers are assigned in turn
    Column("makeup_days", Integer),  # a make-up task is due within so many days; None: the rule's; 0: no tasks
    Column("next_radar_at", Instant, index=True),  # when its plan is looked at next
)

# Which topic of a forum a purpose has; a purpose without one goes to the general topic.
group_topic = Table(
    "group_topic",
    metadata,
    Column("group_id", Id, ForeignKey("study_group.id"), primary_key=True),
    Column("purpose", String(16), primary_key=True),  # sessions | board
    Column("thread_id", Id, nullable=False),  # Telegram's message_thread_id
)

# Dates are kept: nobody is absent from a session held before they joined or after they left.
membership = Table(
    "membership",
    metadata,
    Column("id", Id, primary_key=True),
    Column("group_id", Id, ForeignKey("study_group.id"), nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("role", String(16), nullable=False),  # member | deputy | leader
    Column("joined_at", Instant, nullable=False),
    Column("left_at", Instant),
    Column("standing", String(16), nullable=False, server_default="full"),  # domain.people.Standing
    Column("committee", Boolean, nullable=False, server_default="0"),  # sits in the branch committee
    Column("subgroup", Text, nullable=False, server_default=""),  # the party subgroup; empty: none
    Column("speaks", Boolean, nullable=False, server_default="1"),  # takes turns as the main speaker
    UniqueConstraint("group_id", "person_id"),
)

# A membership that ended before its person joined again.
past_membership = Table(
    "past_membership",
    metadata,
    Column("id", Id, primary_key=True),
    Column("group_id", Id, ForeignKey("study_group.id"), nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("joined_at", Instant, nullable=False),
    Column("left_at", Instant, nullable=False),
)

unit_admin = Table(
    "unit_admin",
    metadata,
    Column("id", Id, primary_key=True),
    Column("unit_id", Id, ForeignKey("unit.id"), nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("granted_at", Instant, nullable=False),
    Column("granted_by", Id, nullable=False),  # the operator's or admin's numeric Telegram id
    UniqueConstraint("unit_id", "person_id"),
)

# Privileged acts; ids and codes only, never names or texts.
audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor_id", Id, nullable=False),  # numeric Telegram id: operators may not be people of ours
    Column("action", String(32), nullable=False),
    Column("unit_id", Id),
    Column("group_id", Id),
    Column("subject", Text, nullable=False, server_default=""),
)
Index("ix_audit_group_id_at", audit.c.group_id, audit.c.at)

# A deep link's one-time or lasting secret: what it opens is in `purpose` and `subject_id`.
deep_link = Table(
    "deep_link",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("expires_at", Instant),
)

# What the bot waits for in somebody's private chat: the next text or file there is the answer to it.
awaited = Table(
    "awaited",
    metadata,
    Column("telegram_id", Id, primary_key=True, autoincrement=False),
    Column("purpose", String(32), nullable=False),  # an input that a feature of handlers/ declares
    Column("numbers", JSON, nullable=False),  # which session, group … it is for
    Column("expires_at", Instant, nullable=False),
)

# A command sent by an anonymous admin; it is carried out for whoever confirms that it was they.
unverified = Table(
    "unverified",
    metadata,
    Column("id", Id, primary_key=True),
    Column("chat_telegram_id", Id, nullable=False),
    Column("text", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

# Two rows that were one person: what pointed at `gone` points at `kept`, and `facts` says what, to take it back.
person_merge = Table(
    "person_merge",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kept_id", Id, ForeignKey("person.id"), nullable=False),
    Column("gone_id", Id, ForeignKey("person.id"), nullable=False),
    Column("merged_at", Instant, nullable=False),
    Column("merged_by", Id, ForeignKey("person.id"), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("undone_at", Instant),
)

# A roster that was read from a file and is shown before it is taken over.
roster_import = Table(
    "roster_import",
    metadata,
    Column("id", Id, primary_key=True),
    Column("group_id", Id, ForeignKey("study_group.id"), nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False),
    Column("rows", JSON, nullable=False),
    Column("state", String(16), nullable=False, server_default="open"),  # open | done | dropped
    Column("created_at", Instant, nullable=False),
)

# Somebody is away for days on end: every session of theirs then is on leave, once it is approved.
long_leave = Table(
    "long_leave",
    metadata,
    Column("id", Id, primary_key=True),
    Column("group_id", Id, ForeignKey("study_group.id"), nullable=False, index=True),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("first_day", Date, nullable=False),  # local days of the group, both included
    Column("last_day", Date, nullable=False),
    Column("reason", String(16), nullable=False),  # official | sick | personal
    Column("state", String(16), nullable=False, server_default="open"),  # open | approved | declined | withdrawn
    Column("asked_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", Id, ForeignKey("person.id")),
)

# What the bot must know and nobody may guess, such as the key behind check-in codes; made when first needed.
secret = Table(
    "secret",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
