"""Some time before a session: who has not answered is asked, and the leaders are told how many."""

import services.nudges as nudges
from chat import nudges_cards as cards
from jobs.job import Job, Kind, Planner

job = Job(
    kinds={
        nudges.NUDGE: Kind(nudges.nudge, cards.nudge),
        nudges.TOLD: Kind(nudges.told, cards.told),
    },
    planners=(Planner(nudges.any_due, nudges.plan),),
)
