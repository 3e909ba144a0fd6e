"""Makes ordered exports and sends them to whoever asked."""

import services.exports
from chat import exports_cards as cards
from chat.outgoing import Document
from exports.ledger import Origin
from exports.making import MAKER, Order
from jobs.job import Job, Kind
from services.exports import ExportFacts
from texts import words


async def render(facts: ExportFacts) -> Document:
    """The file, made beside the event loop, with what it is in its caption."""
    spoken = words(facts.language)
    content = await MAKER.make(order_of(facts))
    return Document(cards.file_name(facts, spoken), content, cards.caption(facts, spoken))


def order_of(facts: ExportFacts) -> Order:
    """The facts as the maker takes them."""
    origin = Origin(facts.made_by, facts.made_at, facts.zone, facts.groups)
    return Order(facts.ledger, facts.rules, origin, facts.language, facts.file_format)


job = Job(
    kinds={
        "export": Kind(services.exports.facts, render, services.exports.sent, facts_by_rules=True),
        services.exports.DONE: Kind(services.exports.done, cards.done),
    }
)
