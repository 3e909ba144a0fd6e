"""Tells whoever started long work on the command line how far it is: on a terminal only, never on standard output."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

PARTS = 200
"""Steps in which it is told."""


@contextmanager
def progress(what: str) -> Iterator[Callable[[float], None]]:
    """A bar; call what is given with the share that is done, 0 to 1, from the thread that shows it or any other."""
    with click.progressbar(length=PARTS, label=what, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def told(share: float) -> None:
            if steps := int(share * PARTS) - bar.pos:
                bar.update(steps)

        yield told
