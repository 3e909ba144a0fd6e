"""Once a day: what the plans lack is told to who can do something about it; once a month, how it went."""

import services.digests as digests
import services.radar as radar
from chat import radar_cards as cards
from jobs.job import Job, Kind, Planner

job = Job(
    kinds={
        radar.RADAR: Kind(radar.message, cards.message, facts_by_rules=True),
        digests.DIGEST: Kind(digests.digest, cards.digest, facts_by_rules=True),
    },
    planners=(Planner(radar.any_due, radar.look),),
)
