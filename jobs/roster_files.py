"""Sends a group's roster as a file to whoever asked."""

import services.roster_files
from chat import roster_files_cards as cards
from chat.outgoing import Document
from exports import roster_file
from exports.making import MAKER
from jobs.job import Job, Kind
from services.roster_files import EXPORT, File
from texts import words


async def render(facts: File) -> Document:
    """The file, made beside the event loop."""
    people = tuple(
        roster_file.Listed(each.name, each.number, each.role, each.subgroup, each.standing, each.committee)
        for each in facts.entries
    )
    content = await MAKER.run(roster_file.write, people, facts.group_name, facts.file_format, facts.language)
    return Document(cards.file_name(facts, words(facts.language)), content, cards.caption(facts))


job = Job(kinds={EXPORT: Kind(services.roster_files.file, render)})
