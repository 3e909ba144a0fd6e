"""What people and groups are told of roles."""

import services.role_notices as notices
from chat import leaders_cards as cards
from jobs.job import Job, Kind

job = Job(kinds={notices.NOTICE: Kind(notices.notice, cards.notice)})
