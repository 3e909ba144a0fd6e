"""What answers a leader who schedules, what is deleted when that is undone, and series planned further."""

import services.drafts as drafts
import services.planning as planning
import services.publishing as publishing
import services.scheduling as scheduling
from chat import drafts_cards as cards
from chat import planning_cards
from chat.outgoing import Message
from jobs.job import Job, Kind, Planner
from services.rules import Rules


def echo(facts: drafts.Echo, rules: Rules) -> Message:
    """The echo of a draft, with the holidays among its dates flagged."""
    return cards.echo(facts, holidays=rules.holidays)


job = Job(
    kinds={
        drafts.ECHO: Kind(drafts.echo, echo, render_by_rules=True),
        drafts.CHOOSE: Kind(drafts.choice, cards.choose_group),
        planning.STEP: Kind(planning.step, planning_cards.question),
        publishing.TAKEN_BACK: Kind(publishing.taken_back, cards.taken_back),
    },
    planners=(Planner(scheduling.any_to_extend, scheduling.extend_series),),
)
