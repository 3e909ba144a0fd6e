"""Driving the sandbox from tests and scripts: a method for each act of a person, and waiting."""

from sandbox.client.connection import Json, Ref, SandboxRefusedError, buttons_of, id_of, text_of
from sandbox.client.waiting import WaitedInVainError, Waiting

__all__ = [
    "Json",
    "Ref",
    "SandboxClient",
    "SandboxRefusedError",
    "WaitedInVainError",
    "buttons_of",
    "id_of",
    "text_of",
]


class SandboxClient(Waiting):
    """The control side of a sandbox at `url`, such as http://127.0.0.1:8081, in an `async with`."""
