"""Announcing sessions, keeping their cards current, and planning a series further."""

from chat import sessions_cards as cards
from jobs.job import Job, Kind, Planner
from services import drafts, sessions

job = Job(
    kinds={
        drafts.ECHO: Kind(drafts.echo, cards.echo),
        sessions.CARD: Kind(sessions.wanted_card, cards.card, sessions.card_sent),
        sessions.CARD_LIVE: Kind(sessions.posted_card, cards.card_edit),
        "session_cancelled": Kind(sessions.card, cards.cancelled),
        "leave_question": Kind(sessions.wanted_card, cards.leave_question),
        "leave_request": Kind(sessions.leave_request, cards.leave_request),
        "leave_decision": Kind(sessions.leave_decision, cards.leave_decision),
    },
    planners=(Planner(sessions.any_series_to_extend, sessions.extend_series),),
)
