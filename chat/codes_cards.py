"""Check-in by code and by place: the leader's digits, what a code came to, and where a session is."""

from zoneinfo import ZoneInfo

from chat import checkins_cards
from chat.callback_data import pack
from chat.outgoing import Button, Edit, Keyboard, Message
from services.codes import Screen, Tried
from services.venues import RADII, Place
from texts import Words, words


def shown(facts: Screen, address: str = "") -> Message:
    """The digits, how to use them, and the way to the page; `address` is where that page is."""
    return Message(_text(facts, address), _keyboard(facts, address))


def edited(facts: Screen, address: str = "") -> Edit:
    """The same message with the next digits."""
    return Edit(facts.message_id, _text(facts, address), _keyboard(facts, address))


def _text(facts: Screen, address: str) -> str:
    live, spoken = facts.live, words(facts.live.language)
    summary = checkins_cards.summary(live, spoken)
    if live.state in ("closed", "ended", "reopened"):
        return spoken.html("codes.over", title=live.title, summary=summary)
    opens = spoken.when(live.opens_at, ZoneInfo(live.time_zone))
    text = spoken.html("codes.shown", title=live.title, code=facts.code.text, summary=summary)
    if live.state == "early":
        text = spoken.html("codes.early", title=live.title, opens=opens)
    if address and not _is_public(address):
        text += "\n\n" + spoken.html("codes.page", address=_page(facts, address))
    return text


def _keyboard(facts: Screen, address: str) -> Keyboard:
    if not _is_public(address) or facts.live.state in ("closed", "ended", "reopened"):
        return ()
    return ((Button(words(facts.live.language)("button.code_page"), url=_page(facts, address)),),)


def _is_public(address: str) -> bool:
    """Telegram opens no button that leads to this machine itself."""
    return address.startswith("https://")


def _page(facts: Screen, address: str) -> str:
    return f"{address}/s/{facts.session_id}/{facts.page}"


def tried(facts: Tried, spoken: Words) -> Message:
    """What a code came to."""
    if facts.checkin is None:
        return Message(spoken.html(f"codes.{facts.outcome}", left=facts.tries_left))
    answer = checkins_cards.answer(facts.checkin, spoken)
    return Message(spoken.html("codes.done", answer=answer, title=facts.title) if facts.title else answer)


def venue(facts: Place, spoken: Words) -> Message:
    """Where the session is, and how near is near."""
    back = Button(spoken("button.back"), pack("session", facts.session_id))
    if facts.metres is None:
        text = spoken.html("venues.ask", title=facts.title, state=spoken("venues.none"))
        return Message(text, ((back,),))
    radii = tuple(
        Button(
            f"✓ {spoken('button.metres', metres=metres)}"
            if metres == facts.metres
            else spoken("button.metres", metres=metres),
            pack("venue_near", facts.session_id, number),
        )
        for number, metres in enumerate(RADII)
    )
    off = Button(spoken("button.venue_off"), pack("venue_off", facts.session_id))
    return Message(spoken.html("venues.set", title=facts.title, metres=facts.metres), (radii, (off, back)))
