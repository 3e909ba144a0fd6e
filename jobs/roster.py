"""One person's page, where it answers a typed name."""

import services.roster as roster
from chat import roster_cards as cards
from jobs.job import Job, Kind

job = Job(kinds={roster.PERSON: Kind(roster.person_page, cards.waited)})
