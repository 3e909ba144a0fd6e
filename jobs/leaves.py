"""The private talk about a leave: its reason, the leader's decision."""

import services.leaves as leaves
import services.responses as responses
from chat import leaves_cards as cards
from jobs.job import Job, Kind

job = Job(
    kinds={
        responses.REASON: Kind(leaves.leave, cards.ask_reason),
        responses.REQUEST: Kind(leaves.request, cards.request),
        responses.DECIDED: Kind(leaves.decided, cards.decided),
    },
)
