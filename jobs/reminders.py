"""Reminders: a day ahead in the group, an hour ahead in private."""

from chat import sessions_cards as cards
from jobs.job import Job, Kind, Planner
from services import reminders, sessions

job = Job(
    kinds={
        sessions.REMINDER: Kind(sessions.wanted_card, cards.group_reminder),
        reminders.PRIVATE: Kind(sessions.wanted_card, cards.private_reminder),
    },
    planners=(Planner(reminders.any_due, reminders.remind),),
)
