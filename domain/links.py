"""Which links an online session may have."""

from typing import Final
from urllib.parse import urlsplit

LONGEST_LINK: Final = 500
"""Characters; the invitations of meeting services are far shorter."""


def is_link(text: str) -> bool:
    """Whether a text is one whole web address (http or https) of a bearable length, and nothing else."""
    if not 0 < len(text) <= LONGEST_LINK or not text.isprintable() or any(sign.isspace() for sign in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False  # half an IPv6 address, for one
