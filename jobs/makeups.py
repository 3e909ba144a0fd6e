"""What people are told of their make-up study, and leaders of what was handed in."""

import services.makeup_reviews as makeup_reviews
import services.makeups as makeups
from chat import makeups_cards as cards
from jobs.job import Job, Kind

job = Job(
    kinds={
        makeups.TASK: Kind(makeups.told, cards.told),
        makeups.REMINDER: Kind(makeups.reminded, cards.reminder),
        makeups.HANDED: Kind(makeup_reviews.handed, cards.handed),
        makeup_reviews.DECIDED: Kind(makeup_reviews.decided, cards.decided),
    },
)
