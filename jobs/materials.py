"""The files of a session, sent one by one at the pace that Telegram takes them."""

import services.materials as materials
from chat import materials_cards as cards
from jobs.job import Job, Kind

job = Job(kinds={materials.MATERIAL: Kind(materials.material, cards.file)})
