"""What the sandbox's page is told beside the Bot API: what comes next by itself, and the first steps of a newcomer."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from chat.context import Store
from services import tour
from services.agenda import Coming, coming
from services.rules import Rules
from services.tour import STEPS, Tour
from texts import LANGUAGES, words

PRESSED: Final = {
    tour.REGISTER: "register",
    tour.SCHEDULE: "publish",
    tour.ANSWER: "going",
    tour.CHECK_IN: "checkin",
    tour.BOARDS: "board_pic",
}
"""The verb of the button that each step ends with."""

LEAD: Final = "lead"
LABELS: Final = {
    tour.REGISTER: ("button.register", "button.lead"),
    tour.SCHEDULE: ("button.publish",),
    tour.ANSWER: ("button.going",),
    tour.CHECK_IN: ("button.check_in",),
    tour.BOARDS: ("button.board_picture",),
}
SAID: Final = {tour.SCHEDULE: "guide.line_session", tour.BOARDS: "guide.line_board"}
"""What is said in the group to get that button."""

Hints = dict[str, Any]


class Showing:
    """Reads it from the database; the words come in every language, because the page has its own."""

    def __init__(self, store: Store, now: Callable[[], datetime], rules: Rules) -> None:
        self._store = store
        self._now = now
        self._rules = rules

    async def read(self) -> Hints:
        """{coming: [{at, what}], guide: {steps, next}}, as sandbox/README.md tells; times in seconds since 1970."""
        now = self._now()
        ahead = await self._store.read(lambda connection: coming(connection, now, self._rules))
        progress = await self._store.read(lambda connection: tour.tour(connection, now))
        return {
            "coming": [{"at": one.at.timestamp(), "what": _what(one)} for one in ahead],
            "guide": {
                "steps": [_step(step, progress, self._rules.language) for step in STEPS],
                "next": _next(progress, now),
            },
        }


def _what(one: Coming) -> dict[str, str]:
    key = f"agenda.{one.kind}"
    return {
        language: spoken(key if spoken.has(key) else "agenda.message", title=one.title, group=one.group)
        for language in LANGUAGES
        for spoken in (words(language),)
    }


def _said(key: str, **values: str) -> dict[str, str]:
    return {language: words(language)(key, None, **values) for language in LANGUAGES}


def _step(step: str, progress: Tour, otherwise: str) -> dict[str, Any]:
    """A step with its words; the buttons are named as they stand in the group, in the group's own language."""
    spoken = words(progress.language or otherwise)
    first, second, *_ = (*(spoken(label) for label in LABELS[step]), "")
    title, text = _said(f"guide.{step}"), _said(f"guide.{step}_how", button_1=first, button_2=second)
    return {"id": step, "done": step in progress.done, "title": title, "text": text}


def _next(progress: Tour, now: datetime) -> dict[str, Any] | None:
    """The one thing to do now: who, where, which button; `say` brings the button, `clock` is to be waited for."""
    step = progress.step
    if step is None:
        return None
    # Whoever moved the clock past the only session needs another one first.
    again = step == tour.CHECK_IN and progress.opens_at is None
    doing = tour.SCHEDULE if again else step
    leads = doing in (tour.REGISTER, tour.SCHEDULE, tour.BOARDS)
    opens_at = progress.opens_at if step == tour.CHECK_IN else None
    return {
        "step": step,
        "as": (progress.leader or "owner") if leads else "member",
        "chat": progress.chat,
        "press": LEAD if step == tour.REGISTER and progress.chat else PRESSED[doing],
        "say": _said(SAID[doing]) if doing in SAID else None,
        "over": again,
        "clock": opens_at.timestamp() if opens_at and opens_at > now else None,
    }
