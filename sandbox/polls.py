"""Polls: asked by the bot, voted in by people, closed by the bot. Quizzes are not there."""

from sandbox.errors import RefusedError, bad_request
from sandbox.model import Chat, Json, Post, User
from sandbox.posting import change
from sandbox.world import World

MAX_QUESTION = 300
MAX_OPTION = 100
MAX_OPTIONS = 12


def make(world: World, question: str, options: object, *, anonymous: bool, several: bool) -> Json:
    """The Bot API's Poll, open and without a vote. Raises ApiError."""
    if not 1 <= len(question) <= MAX_QUESTION:
        raise bad_request("poll question must be non-empty" if not question else "poll question is too long")
    if not isinstance(options, list) or not 1 <= len(options) <= MAX_OPTIONS:
        raise bad_request("poll must have 1-12 options")
    texts = [str(option.get("text", "") if isinstance(option, dict) else option) for option in options]
    if not all(1 <= len(text) <= MAX_OPTION for text in texts):
        raise bad_request("poll options must be non-empty and of 100 characters at most")
    return {
        "id": str(world.new_poll_id()),
        "question": question,
        "options": [{"text": text, "voter_count": 0} for text in texts],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": anonymous,
        "type": "regular",
        "allows_multiple_answers": several,
    }


def vote(world: World, chat: Chat, entry: Post, person: User, chosen: list[int]) -> Post:
    """Somebody votes, or takes the vote back with nothing chosen; the bot hears of it as Telegram tells it."""
    poll = entry.message.get("poll")
    if poll is None:
        raise RefusedError("this message is no poll")
    if poll["is_closed"]:
        raise RefusedError("this poll is closed")
    if len(chosen) > 1 and not poll["allows_multiple_answers"]:
        raise RefusedError("only one answer can be chosen")
    if not all(0 <= option < len(poll["options"]) for option in chosen):
        raise RefusedError("there is no such answer", 404)
    votes = world.votes.setdefault(poll["id"], {})
    votes.pop(str(person.id), None)
    if chosen:
        votes[str(person.id)] = sorted(set(chosen))
    world.store.put("votes", poll["id"], {"id": poll["id"], "votes": votes})
    counted = _counted(poll, votes)
    entry = _put(world, chat, entry, counted)
    world.updates.add("poll", counted)
    if not poll["is_anonymous"]:
        answer = {"poll_id": poll["id"], "user": person.view(), "option_ids": votes.get(str(person.id), [])}
        world.updates.add("poll_answer", answer)
    return entry


def close(world: World, chat: Chat, entry: Post) -> Json:
    """No more votes; the poll as it ended. Raises ApiError."""
    poll = entry.message.get("poll")
    if poll is None:
        raise bad_request("message with poll to stop not found")
    if poll["is_closed"]:
        raise bad_request("poll has already been closed")
    closed: Json = {**poll, "is_closed": True}
    _put(world, chat, entry, closed)
    return closed


def _counted(poll: Json, votes: dict[str, list[int]]) -> Json:
    counts = [sum(number in chosen for chosen in votes.values()) for number in range(len(poll["options"]))]
    options = [{**option, "voter_count": count} for option, count in zip(poll["options"], counts, strict=True)]
    return {**poll, "options": options, "total_voter_count": len(votes)}


def _put(world: World, chat: Chat, entry: Post, poll: Json) -> Post:
    """A vote is no edit: the message keeps its edit date."""
    return change(world, chat, entry, {"poll": poll, "edit_date": entry.message.get("edit_date")})
