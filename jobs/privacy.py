"""Sends somebody the file with their data, and the question before it is erased."""

import services.privacy
from chat import privacy_cards as cards
from jobs.job import Job, Kind

job = Job(
    kinds={
        services.privacy.DATA: Kind(services.privacy.data, cards.document),
        services.privacy.FAREWELL: Kind(services.privacy.farewell, cards.farewell),
    }
)
