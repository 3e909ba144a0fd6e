"""How long personal details are kept; records of attendance, and what they count, stay."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.queries import retention as queries
from services.rules import Rules


def prune(connection: Connection, now: datetime, rules: Rules) -> int:
    """Forget details that are older than the organisation keeps them; how many rows. Nothing where it keeps all."""
    if not rules.details_months:
        return 0
    return queries.forget_details(connection, now - timedelta(days=rules.details_months * 365 / 12))
