"""Sends somebody the file with their data, and the question before it is erased; erases when it is time."""

import services.forgetting as forgetting
import services.privacy
from chat import privacy_cards as cards
from jobs.job import Job, Kind, Planner

job = Job(
    kinds={
        services.privacy.DATA: Kind(services.privacy.data, cards.document),
        forgetting.FAREWELL: Kind(forgetting.farewell, cards.farewell),
    },
    planners=(Planner(forgetting.any_due, forgetting.erase_due),),
)
