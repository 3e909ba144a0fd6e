"""Finds a Chromium for the tests of pages."""

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def chromium() -> str:
    """Path of a Chromium; without one the test is skipped with the way to get it, but fails where CI=true."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    sentence = "Chromium is missing; install it (Debian: apt-get install chromium) to test the page"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)
