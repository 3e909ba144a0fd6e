"""The steps of a group's first settings where they answer a link or a typed name."""

import services.setup as setup
from chat import registration_cards as cards
from jobs.job import Job, Kind

job = Job(kinds={setup.PAGE: Kind(setup.page, cards.waited, setup.page_sent)})
