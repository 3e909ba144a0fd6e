"""A session's messages as time brings them, and series planned further."""

import services.drafts as drafts
import services.scheduling as scheduling
import services.sessions as sessions
from chat import sessions_cards as cards
from domain import schedule
from jobs.job import Job, Kind, Planner

job = Job(
    kinds={
        drafts.ECHO: Kind(drafts.echo, cards.echo),
        drafts.CHOOSE: Kind(drafts.choice, cards.choose_group),
        schedule.CARD: Kind(sessions.card, cards.card, sessions.card_hangs),
        schedule.CARD_LIVE: Kind(sessions.card_edit, cards.card_edited),
        sessions.CANCELLED: Kind(sessions.cancelled, cards.cancelled),
        sessions.BUTTONS_OFF: Kind(sessions.buttons_off, cards.buttons_off),
    },
    planners=(Planner(scheduling.any_to_extend, scheduling.extend_series),),
)
