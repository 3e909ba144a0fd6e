"""Posts every group's weekly leaderboard at its local time: a picture whose caption repeats the numbers."""

from pathlib import Path

import structlog

import services.leaderboards
from chat import leaderboards_cards as cards
from chat.fitting import MAX_CAPTION, fitted
from chat.outgoing import Message, Photo
from exports.board_picture import draw_in
from exports.making import MAKER
from jobs.job import Job, Kind, Planner
from services.leaderboards import PostedBoard
from services.rules import Rules
from texts import words

log = structlog.get_logger(__name__)


async def render(facts: PostedBoard, rules: Rules) -> Message | Photo:
    """The board in its group's language. Where the picture cannot be drawn or is refused, the text alone goes out."""
    text = cards.weekly(facts.board, words(facts.language))
    if facts.picture is None:
        return text
    content: bytes | str = facts.file_id
    if not content:
        font = Path(rules.full_font) if rules.full_font else None
        try:
            content = await MAKER.run(draw_in, facts.picture, facts.language, font)
        except Exception as error:
            log.warning("picture_failed", error=type(error).__name__, exc_info=error)
            return text
    caption = fitted(text.text, MAX_CAPTION)
    return Photo(content, caption, text.keyboard, remembered_as=facts.remembered_as, instead=text)


job = Job(
    kinds={
        "leaderboard": Kind(services.leaderboards.posted, render, purpose="board", render_by_rules=True),
        services.leaderboards.SHOWN: Kind(services.leaderboards.shown, render, render_by_rules=True),
    },
    planners=(Planner(services.leaderboards.any_due, services.leaderboards.plan),),
)
