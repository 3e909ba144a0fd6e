"""When a window opens and fills: the check-in message and its counter."""

import services.checkins as checkins
from chat import checkins_cards as cards
from jobs.job import Job, Kind

job = Job(
    kinds={
        checkins.OPEN: Kind(checkins.live, cards.opened, checkins.checkin_opened, purpose="sessions"),
        checkins.LIVE: Kind(checkins.live_edit, cards.edited),
    },
)
