"""Asks about what may not have arrived, and tells what came too late to be sent."""

from chat import unsent_cards as cards
from jobs.job import Job, Kind
from services import unsent

job = Job(
    kinds={
        unsent.UNCONFIRMED: Kind(unsent.notice, cards.notice),
        unsent.EXPIRED: Kind(unsent.expired, cards.expired),
    }
)
