"""Posts every group's weekly leaderboard at its local time."""

import services.leaderboards
from chat import leaderboards_cards as cards
from chat.outgoing import Message
from jobs.job import Job, Kind, Planner
from services.leaderboards import PostedBoard
from texts import words


def render(facts: PostedBoard) -> Message:
    """The board in its group's language."""
    return cards.weekly(facts.board, words(facts.language))


job = Job(
    kinds={"leaderboard": Kind(services.leaderboards.posted, render, purpose="board")},
    planners=(Planner(services.leaderboards.any_due, services.leaderboards.plan),),
)
