"""A roster as a table: which column is which, what a row says, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domain import names
from domain.people import Standing

MOST_ROWS: Final = 2_000
LONGEST_NAME: Final = 40
LONGEST_NUMBER: Final = 32
LONGEST_SUBGROUP: Final = 32

COLUMNS: Final = ("name", "number", "role", "subgroup", "standing", "vote", "committee")

HEADINGS: Final[Mapping[str, str]] = {
    "姓名": "name",
    "名字": "name",
    "name": "name",
    "fullname": "name",
    "编号": "number",
    "工号": "number",
    "人员编号": "number",
    "number": "number",
    "staffnumber": "number",
    "no.": "number",
    "职务": "role",
    "身份": "role",
    "角色": "role",
    "role": "role",
    "党小组": "subgroup",
    "小组": "subgroup",
    "subgroup": "subgroup",
    "党员身份": "standing",
    "政治面貌": "standing",
    "standing": "standing",
    "表决权": "vote",
    "有表决权": "vote",
    "vote": "vote",
    "votes": "vote",
    "支委": "committee",
    "支委成员": "committee",
    "committee": "committee",
}
"""What a heading may be called, without spaces and in small letters."""

ROLES: Final[Mapping[str, str]] = {
    "": "",
    "组员": "member",
    "成员": "member",
    "member": "member",
    "副组长": "deputy",
    "deputy": "deputy",
    "组长": "leader",
    "leader": "leader",
}

STANDINGS: Final[Mapping[str, Standing | None]] = {
    "": None,
    "正式": Standing.FULL,
    "正式党员": Standing.FULL,
    "中共党员": Standing.FULL,
    "党员": Standing.FULL,
    "full": Standing.FULL,
    "fullmember": Standing.FULL,
    "预备": Standing.PROBATIONARY,
    "预备党员": Standing.PROBATIONARY,
    "中共预备党员": Standing.PROBATIONARY,
    "probationary": Standing.PROBATIONARY,
    "onprobation": Standing.PROBATIONARY,
    "probationarymember": Standing.PROBATIONARY,
    "列席": Standing.OUTSIDE,
    "列席人员": Standing.OUTSIDE,
    "群众": Standing.OUTSIDE,
    "团员": Standing.OUTSIDE,
    "共青团员": Standing.OUTSIDE,
    "入党积极分子": Standing.OUTSIDE,
    "积极分子": Standing.OUTSIDE,
    "outside": Standing.OUTSIDE,
    "guest": Standing.OUTSIDE,
}

YES: Final = frozenset({"是", "有", "√", "✓", "y", "yes", "1", "true"})
NO: Final = frozenset({"否", "无", "×", "n", "no", "0", "false"})


@dataclass(frozen=True, slots=True)
class Row:
    """What a row says of somebody; None or empty: nothing. `line` counts as the file shows it, from 1."""

    line: int
    name: str
    number: str = ""
    role: str = ""
    subgroup: str | None = None
    standing: Standing | None = None
    committee: bool | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a row: a code, and what stands there."""

    line: int
    code: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """A table that was read: the rows that can be taken over, and what is wrong with the others."""

    rows: tuple[Row, ...] = ()
    wrong: tuple[Wrong, ...] = ()


class NoHeading(ValueError):
    """No row has a heading for the name among the first rows."""


class TooManyRows(ValueError):
    """There are more rows than a group has people."""


class _Bad(ValueError):
    """Something in a row is not understood; its arguments are a code and what stands there."""


def read(table: Sequence[Sequence[str]]) -> Roster:
    """The people of a table of texts; rows before the headings and empty rows are passed over.

    Raises NoHeading, TooManyRows. A name that stands twice is right only with two different numbers.
    """
    start, columns = _columns(table)
    if len(table) - start > MOST_ROWS:
        raise TooManyRows
    rows: list[Row] = []
    wrong: list[Wrong] = []
    seen_numbers: set[str] = set()
    seen_names: dict[str, bool] = {}
    for line, cells in enumerate(table[start:], start=start + 1):
        said = {column: names.clean(cells[at]) for column, at in columns.items() if at < len(cells)}
        if not any(said.values()):
            continue
        try:
            row = _row(line, said)
            if row.number and row.number in seen_numbers:
                raise _Bad("number_twice", row.number)
            if row.name in seen_names and not (row.number and seen_names[row.name]):
                raise _Bad("name_twice", row.name)
        except _Bad as bad:
            wrong.append(Wrong(line, *bad.args))
            continue
        seen_numbers.add(row.number)
        seen_names[row.name] = bool(row.number)
        rows.append(row)
    return Roster(tuple(rows), tuple(wrong))


def _columns(table: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """Where the rows begin, and which column is where."""
    for at, cells in enumerate(table[:10]):
        found: dict[str, int] = {}
        for place, cell in enumerate(cells):
            column = HEADINGS.get(_key(cell))
            if column is not None:
                found.setdefault(column, place)
        if "name" in found:
            return at + 1, found
    raise NoHeading


def _row(line: int, said: Mapping[str, str]) -> Row:
    name, number = said.get("name", ""), said.get("number", "")
    if not name:
        raise _Bad("name_missing")
    if len(name) > LONGEST_NAME:
        raise _Bad("name_too_long", name[:LONGEST_NAME])
    if len(number) > LONGEST_NUMBER:
        raise _Bad("number_too_long", number[:LONGEST_NUMBER])
    role = ROLES.get(_key(said.get("role", "")))
    if role is None:
        raise _Bad("role_unknown", said["role"][:LONGEST_NAME])
    subgroup = said.get("subgroup")
    if subgroup is not None and len(subgroup) > LONGEST_SUBGROUP:
        raise _Bad("subgroup_too_long", subgroup[:LONGEST_SUBGROUP])
    return Row(line, name, number, role, subgroup, _standing(said), _yes(said, "committee"))


def _standing(said: Mapping[str, str]) -> Standing | None:
    """What somebody is, from both columns; who has no vote and is nothing else is on probation."""
    key = _key(said.get("standing", ""))
    if key not in STANDINGS:
        raise _Bad("standing_unknown", said["standing"][:LONGEST_NAME])
    standing, vote = STANDINGS[key], _yes(said, "vote")
    if vote is None:
        return standing
    if standing is None:
        return Standing.FULL if vote else Standing.PROBATIONARY
    if standing.votes != vote:
        raise _Bad("vote_contradicts", said["standing"])
    return standing


def _yes(said: Mapping[str, str], column: str) -> bool | None:
    key = _key(said.get(column, ""))
    if not key:
        return None
    if key not in YES | NO:
        raise _Bad("yes_or_no", said[column][:LONGEST_NAME])
    return key in YES


def _key(text: str) -> str:
    """A text as the tables above have it."""
    return "".join(text.split()).casefold()
