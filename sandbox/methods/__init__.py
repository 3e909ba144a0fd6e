"""The methods of the Bot API, one file for each part of it; importing this package registers all of them."""

from sandbox.methods import chats, edits, files, forum, polls, profile, sending, updates
from sandbox.methods.registry import METHODS, Method

__all__ = ["METHODS", "Method", "chats", "edits", "files", "forum", "polls", "profile", "sending", "updates"]
