"""What people are told of their make-up study, and leaders of what was handed in."""

import services.makeups as makeups
from chat import makeups_cards as cards
from jobs.job import Job, Kind

job = Job(
    kinds={
        makeups.TASK: Kind(makeups.told, cards.told),
        makeups.REMINDER: Kind(makeups.told, cards.reminder),
        makeups.HANDED: Kind(makeups.handed, cards.handed),
        makeups.DECIDED: Kind(makeups.decided, cards.decided),
    },
)
