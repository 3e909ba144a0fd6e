"""Who decides an appeal is asked, and how it ended is told."""

import services.appeals as appeals
from chat import appeals_cards as cards
from jobs.job import Job, Kind

job = Job(
    kinds={
        appeals.REQUEST: Kind(appeals.request, cards.request),
        appeals.DECIDED: Kind(appeals.decided, cards.decided),
    },
)
