"""Who is expected at a session that is being scheduled: by its kind, unless its leader chose otherwise."""

from typing import Any, NamedTuple

from sqlalchemy import Connection

from db.queries import duties as queries
from domain.kinds import Attendees, Kind
from services import duties
from services.rules import Rules


class Audience(NamedTuple):
    """Whom a session is for; `subgroup` names it where it is one."""

    audience: Attendees
    subgroup: str = ""


def audience_of(connection: Connection, group: Any, typed: Any, person_id: int, rules: Rules) -> Audience:
    """Whom a draft's session is for.

    `group` is the group's row, `typed` the draft. What the leader chose holds. Else the kind tells it, as far as there
    is such a body: without a committee everybody is expected at its meeting, for nobody would be otherwise. A
    subgroup is the one that the title names, else the one that whoever scheduled it is in. Named and invited people
    are those who were chosen; where nobody was, it is everybody.
    """
    if typed.invited:
        return Audience(Attendees.NAMED)
    if typed.audience:
        return Audience(Attendees(typed.audience), typed.subgroup)
    wanted = duties.kinds_of(connection, group, rules.kinds)[Kind(typed.kind)].attendees
    if wanted is Attendees.MEMBERS:
        return Audience(wanted)
    if wanted is Attendees.COMMITTEE and queries.marks(connection, group.id).committee:
        return Audience(wanted)
    if wanted is Attendees.SUBGROUP:
        subgroup = typed.subgroup or _subgroup(connection, group.id, typed.title, person_id)
        if subgroup:
            return Audience(wanted, subgroup)
    return Audience(Attendees.GROUP)


def _subgroup(connection: Connection, group_id: int, title: str, person_id: int) -> str:
    named = [name for name in queries.subgroups(connection, group_id) if name in title]
    return max(named, key=len) if named else queries.subgroup_of(connection, group_id, person_id)
