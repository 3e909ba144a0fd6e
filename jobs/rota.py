"""What speakers are told of their turns, and leaders of a speaker who is on leave."""

import services.rota as rota
import services.rota_pages as pages
from chat import rota_cards as cards
from jobs.job import Job, Kind

job = Job(
    kinds={
        rota.TURN: Kind(rota.turn, cards.turn),
        rota.PREPARE: Kind(rota.turn, cards.prepare),
        rota.RELIEVED: Kind(rota.relieved, cards.relieved),
        rota.AWAY: Kind(pages.absent, cards.absent),
    },
)
