"""What leaders are asked of long leaves, and people are told of them."""

import services.long_leaves as long_leaves
from chat import long_leaves_cards as cards
from jobs.job import Job, Kind

job = Job(
    kinds={
        long_leaves.REQUEST: Kind(long_leaves.requested, cards.requested),
        long_leaves.DECIDED: Kind(long_leaves.decided, cards.decided),
        long_leaves.ENDED: Kind(long_leaves.ended, cards.ended),
    },
)
