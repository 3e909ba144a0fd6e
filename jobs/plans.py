"""What a group is told of sessions that were scheduled together."""

import services.proposals as proposals
from chat import proposals_cards as cards
from jobs.job import Job, Kind

job = Job(kinds={proposals.TOLD: Kind(proposals.told, cards.told, purpose="sessions")})
