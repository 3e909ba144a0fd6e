"""Runs migrations on the connection that db.migrate hands over; without one, against `ALEMBIC_URL`."""

import os
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, create_engine

from db.tables import metadata
from db.tables.metadata import Instant


def render(kind: str, item: Any, _autogen: object) -> str | Literal[False]:
    """A migration is frozen: it names SQLAlchemy's types, not ours, which may change."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


def run(connection: Connection) -> None:
    """Run in the transaction that is open already, so that a killed migration leaves the old schema."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render,
    )
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with create_engine(os.environ["ALEMBIC_URL"]).begin() as own:
        run(own)
