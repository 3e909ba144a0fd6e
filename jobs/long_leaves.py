"""What leaders are asked of long leaves, and people are told of them."""

import services.long_leave_decisions as decisions
import services.long_leaves as long_leaves
from chat import long_leaves_cards as cards
from jobs.job import Job, Kind

job = Job(
    kinds={
        long_leaves.REQUEST: Kind(long_leaves.requested, cards.requested),
        decisions.DECIDED: Kind(decisions.decided, cards.decided),
        decisions.ENTERED: Kind(decisions.entered, cards.entered),
        decisions.ENDED: Kind(decisions.ended, cards.ended),
    },
)
