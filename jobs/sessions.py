"""A session's messages as time brings them."""

import services.cancelling as cancelling
import services.sessions as sessions
from chat import sessions_cards as cards
from domain import schedule
from jobs.job import Job, Kind

job = Job(
    kinds={
        schedule.CARD: Kind(sessions.card, cards.card, sessions.card_hangs, purpose="sessions"),
        schedule.CARD_LIVE: Kind(sessions.card_edit, cards.card_edited),
        cancelling.CANCELLED: Kind(cancelling.cancelled, cards.cancelled, purpose="sessions"),
        cancelling.CANCELLED_TOLD: Kind(cancelling.cancelled, cards.cancelled_told),
        sessions.MOVED_CARD: Kind(sessions.moved_card, cards.moved_card),
        sessions.BUTTONS_OFF: Kind(sessions.buttons_off, cards.buttons_off),
    },
)
