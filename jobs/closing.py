"""When a session has ended: the leader is asked to close it."""

import services.closing as closing
from chat import checkins_cards as cards
from jobs.job import Job, Kind, Planner

job = Job(
    kinds={closing.PROMPT: Kind(closing.prompt, cards.prompt)},
    planners=(Planner(closing.any_to_prompt, closing.ask_to_close),),
)
