"""The private talk about a leave: its reason, the leader's decision."""

import services.responses as responses
from chat import responses_cards as cards
from jobs.job import Job, Kind

job = Job(
    kinds={
        responses.REASON: Kind(responses.leave, cards.ask_reason),
        responses.REQUEST: Kind(responses.request, cards.request),
        responses.DECIDED: Kind(responses.decided, cards.decided),
    },
)
