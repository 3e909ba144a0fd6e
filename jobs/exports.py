"""Makes ordered exports and sends them to whoever asked."""

import asyncio
from datetime import datetime

import services.exports
from chat import exports_cards as cards
from chat.outgoing import Document
from db.store import read_once
from exports.ledger import Origin
from exports.making import Order, make
from jobs.job import Apart, Job, Kind, Payload
from services.exports import ExportFacts
from services.rules import Rules
from texts import words


def ordered(database_url: str, payload: Payload, now: datetime, rules: Rules) -> Document | None:
    """The file with what it is in its caption; None where its requester has no right to it any more. It takes long."""
    facts = asyncio.run(read_once(database_url, lambda c: services.exports.facts(c, payload, now, rules)))
    return None if facts is None else document_of(facts)


def document_of(facts: ExportFacts) -> Document:
    """The file, with what it is in its caption."""
    spoken = words(facts.language)
    return Document(cards.file_name(facts, spoken), make(order_of(facts)), cards.caption(facts, spoken))


def order_of(facts: ExportFacts) -> Order:
    """The facts as the maker takes them."""
    origin = Origin(facts.made_by, facts.made_at, facts.zone, facts.groups)
    return Order(facts.ledger, facts.rules, origin, facts.language, facts.file_format)


job = Job(
    kinds={services.exports.DONE: Kind(services.exports.done, cards.done)},
    apart={"export": Apart(ordered, services.exports.sent)},
)
