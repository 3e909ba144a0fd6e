"""The refusals a person can meet; each carries a code and parameters, the words for it live in texts/."""


class Refusal(Exception):
    """A request that the rules turn down.

    `code` names the sentence `refusal.<code>` in texts/; `params` are its values (plain data, not sentences).
    A refusal is an expected answer, not a fault: nothing was written.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params: dict[str, object] = params
