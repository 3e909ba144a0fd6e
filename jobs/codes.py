"""The leader's digits: a message that changes by itself until check-in is over."""

import services.codes as codes
from chat import codes_cards as cards
from chat.outgoing import Edit, Message
from jobs.job import Job, Kind
from services.rules import Rules


def shown(facts: codes.Screen, rules: Rules) -> Message:
    """The digits, with the page's address where there is a page."""
    return cards.shown(facts, rules.screen)


def edited(facts: codes.Screen, rules: Rules) -> Edit:
    """The next ones."""
    return cards.edited(facts, rules.screen)


job = Job(
    kinds={
        codes.CODE: Kind(codes.screen, shown, codes.shown, render_by_rules=True),
        codes.CODE_LIVE: Kind(codes.screen, edited, codes.shown, render_by_rules=True),
    },
)
