"""When a window opens, fills and ends: the check-in message, its counter, and the leader's prompt."""

import services.checkins as checkins
from chat import checkins_cards as cards
from jobs.job import Job, Kind, Planner

job = Job(
    kinds={
        checkins.OPEN: Kind(checkins.live, cards.opened, checkins.checkin_opened),
        checkins.LIVE: Kind(checkins.live_edit, cards.edited),
        checkins.PROMPT: Kind(checkins.prompt, cards.prompt),
    },
    planners=(Planner(checkins.any_to_prompt, checkins.ask_to_close),),
)
