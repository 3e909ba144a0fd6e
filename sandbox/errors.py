"""The refusals of both sides: Telegram's errors towards the bot, and sentences towards the control side."""

from typing import Any


class ApiError(Exception):
    """A refusal as the Bot API words it.

    `status` is both the HTTP status and `error_code`; `parameters` is Telegram's ResponseParameters, such as
    `{"migrate_to_chat_id": …}`.
    """

    def __init__(self, status: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """The JSON object of the answer."""
        body: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(reason: str) -> ApiError:
    """A 400 in Telegram's form."""
    return ApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> ApiError:
    """A 403 in Telegram's form."""
    return ApiError(403, f"Forbidden: {reason}")


class RefusedError(Exception):
    """The control side says no where Telegram's programs do not offer the act. `status` is HTTP's."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status
