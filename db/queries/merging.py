"""SQL of making two people one: every row that points at one points at the other, and how to take it back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    RowMapping,
    Table,
    UniqueConstraint,
    and_,
    delete,
    insert,
    select,
    update,
)

from db.tables import attendance, membership, metadata, person, person_merge
from db.tables.metadata import Instant

CAME: Final = frozenset({"present", "late", "left_early"})
"""What beats an absence, or nothing, where both have a record of one session."""

Fact = dict[str, Any]


def columns() -> list[ColumnElement[Any]]:
    """Every column that points at a person, but for those of the merges themselves."""
    return [
        column
        for table in metadata.sorted_tables
        if table is not person_merge
        for column in table.c
        if any(key.column is person.c.id for key in column.foreign_keys)
    ]


def move(connection: Connection, gone_id: int, kept_id: int) -> list[Fact]:
    """Make everything that points at `gone` point at `kept`; what was done, to be undone by `restore`.

    Where both have a row that there can be only one of, `_settle` says what stands, and the other is taken out.
    """
    done: list[Fact] = []
    for column in columns():
        table = _table(column)
        found = connection.execute(select(table).where(column == gone_id)).mappings().all()
        for row in map(_fact, found):
            twin = _twin(connection, table, column, row, kept_id)
            if twin is None:
                connection.execute(update(table).where(_key(table, row)).values({column.key: kept_id}))
                moved = _id_of(table, row)
                if column.primary_key:
                    moved[str(column.key)] = kept_id
                done.append({"what": "moved", "table": table.name, "column": column.key, "id": moved})
                continue
            values = _settle(table, twin, row)
            if values:
                before = {name: _plain(twin[name]) for name in values}
                connection.execute(update(table).where(_key(table, twin)).values(**values))
                done.append({"what": "changed", "table": table.name, "id": _id_of(table, twin), "before": before})
            connection.execute(delete(table).where(_key(table, row)))
            taken_out = {name: _plain(value) for name, value in row.items()}
            done.append({"what": "taken_out", "table": table.name, "row": taken_out})
    return done


def restore(connection: Connection, done: Iterable[Fact], gone_id: int) -> None:
    """Take back what `move` did, the last first."""
    for fact in reversed(list(done)):
        table = metadata.tables[fact["table"]]
        match fact["what"]:
            case "moved":
                connection.execute(update(table).where(_key(table, fact["id"])).values({fact["column"]: gone_id}))
            case "changed":
                connection.execute(update(table).where(_key(table, fact["id"])).values(**_real(table, fact["before"])))
            case "taken_out":
                connection.execute(insert(table).values(**_real(table, fact["row"])))


def _twin(
    connection: Connection, table: Table, column: ColumnElement[Any], row: Mapping[str, Any], kept_id: int
) -> Fact | None:
    """The row of `kept` that this one would be the same as."""
    for unique in _uniques(table):
        if column.key in unique:
            same = [table.c[name] == (kept_id if name == column.key else row[name]) for name in unique]
            found = connection.execute(select(table).where(and_(*same))).mappings().one_or_none()
            if found is not None:
                return _fact(found)
    return None


def _uniques(table: Table) -> list[tuple[str, ...]]:
    keys = [tuple(column.key for column in table.primary_key)]
    keys += [
        tuple(column.key for column in constraint.columns)
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    return keys


def _settle(table: Table, kept: Mapping[str, Any], gone: Mapping[str, Any]) -> Fact:
    """What of the row that goes is taken over into the one that stays."""
    if table is attendance and kept["status"] not in CAME and gone["status"] in CAME:
        return {name: gone[name] for name in ("status", "method", "at", "walk_in", "time_uncertain")}
    if table is not membership:
        return {}
    values: Fact = {"joined_at": min(kept["joined_at"], gone["joined_at"])}
    if kept["left_at"] is not None:
        values["left_at"] = gone["left_at"] and max(kept["left_at"], gone["left_at"])
    if not kept["subgroup"]:
        values["subgroup"] = gone["subgroup"]
    if kept["standing"] == "full":  # nobody has said anything else yet
        values["standing"] = gone["standing"]
    values["committee"] = kept["committee"] or gone["committee"]
    return {name: value for name, value in values.items() if value != kept[name]}


def _fact(row: RowMapping) -> Fact:
    return {str(name): value for name, value in row.items()}


def _table(column: ColumnElement[Any]) -> Table:
    table: Table = column.table
    return table


def _id_of(table: Table, row: Mapping[str, Any]) -> Fact:
    return {column.key: row[column.key] for column in table.primary_key}


def _key(table: Table, row: Mapping[str, Any]) -> ColumnElement[bool]:
    return and_(*(column == row[column.key] for column in table.primary_key))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value


def _real(table: Table, values: Fact) -> Fact:
    return {name: _from_plain(table, name, value) for name, value in values.items()}


def _from_plain(table: Table, name: str, value: Any) -> Any:
    if value is not None and isinstance(table.c[name].type, Instant):
        return datetime.fromisoformat(value)
    if value is not None and isinstance(table.c[name].type, Date):
        return date.fromisoformat(value)
    return value


def person_row(connection: Connection, person_id: int) -> Any | None:
    """Somebody who is still a person of their own; nobody else changes them meanwhile."""
    query = select(person).where(
        person.c.id == person_id, person.c.merged_into.is_(None), person.c.forgotten_at.is_(None)
    )
    return connection.execute(query.with_for_update()).one_or_none()


def groups_of(connection: Connection, person_id: int) -> Sequence[int]:
    """Every group that somebody belongs or belonged to."""
    query = select(membership.c.group_id).where(membership.c.person_id == person_id)
    return list(connection.execute(query).scalars())


def keep(connection: Connection, kept_id: int, gone_id: int, by_id: int, facts: Fact, now: datetime) -> int:
    """Write a merge down; its id."""
    statement = insert(person_merge).values(
        kept_id=kept_id, gone_id=gone_id, merged_by=by_id, merged_at=now, facts=facts
    )
    return int(connection.execute(statement.returning(person_merge.c.id)).scalar_one())


def merge(connection: Connection, merge_id: int) -> Any | None:
    """A merge that was not taken back."""
    query = select(person_merge).where(person_merge.c.id == merge_id, person_merge.c.undone_at.is_(None))
    return connection.execute(query.with_for_update()).one_or_none()


def newer(connection: Connection, row: Any) -> bool:
    """Whether one of the two was merged again later; that one has to be taken back first."""
    both = (row.kept_id, row.gone_id)
    query = select(person_merge.c.id).where(
        person_merge.c.id > row.id,
        person_merge.c.undone_at.is_(None),
        person_merge.c.kept_id.in_(both) | person_merge.c.gone_id.in_(both),
    )
    return connection.execute(query.limit(1)).first() is not None


def undone(connection: Connection, merge_id: int, now: datetime) -> None:
    """It was taken back."""
    connection.execute(update(person_merge).where(person_merge.c.id == merge_id).values(undone_at=now))
