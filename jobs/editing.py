"""The echo of a typed change, and the question to who had answered a session that was moved."""

import services.editing as editing
import services.moving as moving
from chat import editing_cards as cards
from jobs.job import Job, Kind

job = Job(
    kinds={
        editing.ECHO: Kind(editing.echo, cards.echo),
        moving.MOVED_ASK: Kind(moving.moved_ask, cards.moved_ask),
    },
)
