"""A group's hub, where it answers the link in the group."""

import services.manage as manage
from chat import manage_cards as cards
from jobs.job import Job, Kind

job = Job(kinds={manage.PAGE: Kind(manage.page, cards.waited)})
