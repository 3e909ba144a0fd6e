"""What somebody reads after answering a session: in the group as an alert, in private in the message's place."""

from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.leaves_cards import leave_keyboard
from chat.outgoing import Button, Keyboard, Message
from services.responses import Answered
from texts import Words


def answered(result: Answered, spoken: Words, *, in_private: bool = False) -> str:
    """What the person reads after the commit."""
    text = spoken(f"responses.{_outcome(result, in_private)}")
    return text + ("\n" + spoken("responses.joined") if result.joined else "")


def recorded(result: Answered, spoken: Words) -> Message:
    """What stands in the place of a private message that was answered: what was recorded, and the way back."""
    when = spoken.when(result.starts_at, ZoneInfo(result.time_zone))
    if result.answer == "leave" and not result.repeated:
        text = spoken.html("leaves.ask_reason", when=when, title=result.title)
        return Message(text, leave_keyboard(result.session_id, spoken))
    heading = spoken.html("responses.session", when=when, title=result.title)
    return Message(
        heading + "\n" + spoken.html(f"responses.{_outcome(result, in_private=True)}"), _other(result, spoken)
    )


def _outcome(result: Answered, in_private: bool) -> str:
    if result.declined:
        return "leave_declined"
    if result.repeated:
        return f"{result.answer}_already"
    if result.answer == "leave" and in_private:
        return "leave_in_private"
    return "leave_unreachable" if result.answer == "leave" and not result.reachable else result.answer


def _other(result: Answered, spoken: Words) -> Keyboard:
    other = "going" if result.answer == "leave" else "leave"
    return (
        (Button(spoken(f"button.{other}"), pack(other, result.session_id)),),
        (Button(spoken("button.to_session"), pack("session", result.session_id)),),
    )
