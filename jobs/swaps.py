"""What is asked and told of swaps of turns."""

import services.swaps as swaps
from chat import swaps_cards as cards
from jobs.job import Job, Kind

job = Job(
    kinds={
        swaps.ASKED: Kind(swaps.told, cards.asked),
        swaps.ANSWERED: Kind(swaps.decided, cards.told),
        swaps.TOLD: Kind(swaps.decided, cards.told_leader),
    },
)
