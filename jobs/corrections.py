"""The private talk about a correction: the leaders' request, and what they decided."""

import services.correcting as correcting
import services.corrections as corrections
from chat import corrections_cards as cards
from jobs.job import Job, Kind

job = Job(
    kinds={
        corrections.REQUEST: Kind(correcting.request, cards.request),
        correcting.DECIDED: Kind(correcting.decided, cards.decided),
    },
)
