"""The card of a group, posted when it is registered and kept up to date as people join."""

import services.groups as groups
from chat import groups_cards as cards
from jobs.job import Job, Kind

job = Job(
    kinds={
        groups.CARD: Kind(groups.card, cards.card, groups.card_sent),
        groups.CARD_LIVE: Kind(groups.card, cards.edited),
    }
)
