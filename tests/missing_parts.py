"""What a machine lacks for a test; a module of its own, because more than one folder has a conftest."""

import os

import pytest


def missing(what: str) -> None:
    """Skip with a line that says how to get what is missing; in CI nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)
