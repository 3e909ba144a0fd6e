"""After a restore: what the copy still held as due may have been sent since it was made, so it is not sent (again)."""

from datetime import datetime

from bot.settings import Settings
from db.store import open_store
from jobs.registry import all_jobs
from services import deliveries

MOST_ROUNDS = 1_000
"""Planners make due one round of reminders, boards … at a look; a copy that is years old needs many."""


async def settle(settings: Settings, now: datetime) -> int:
    """Skip what fell due before `now`, also what the jobs would only make due at the next start; how many."""
    rules = settings.domain_rules()
    planners = [planner for job in all_jobs().values() for planner in job.planners]
    store = open_store(settings.database.url)
    try:
        for _ in range(MOST_ROUNDS):
            due = await store.read(lambda c: [planner for planner in planners if planner.due(c, now)])
            if not due:
                break
            for planner in due:
                await store.write(lambda c, planner=planner: planner.plan(c, now, rules))  # type: ignore[misc]
        return await store.write(lambda c: deliveries.skip_past_due(c, now))
    finally:
        await store.close()
