"""Reminders: one to the group, and one in private to each member who wishes it."""

import services.reminders as reminders
import services.sessions as sessions
from chat import sessions_cards as cards
from domain import schedule
from jobs.job import Job, Kind, Planner

job = Job(
    kinds={
        schedule.GROUP_REMINDER: Kind(sessions.reminder, cards.card, sessions.card_hangs, purpose="sessions"),
        reminders.PRIVATE: Kind(reminders.private, cards.private_reminder),
    },
    planners=(Planner(reminders.any_due, reminders.plan),),
)
