"""When a session has ended: the leader is asked to close it, and people are told what a leader changed."""

import services.closing as closing
import services.marking as marking
from chat import closing_cards as cards
from jobs.job import Job, Kind, Planner

job = Job(
    kinds={
        closing.PROMPT: Kind(closing.prompt, cards.prompt, purpose="sessions"),
        marking.CHANGED: Kind(marking.changed, cards.changed),
    },
    planners=(Planner(closing.any_to_prompt, closing.ask_to_close),),
)
