"""Reads and writes the table: one line for an act in one kind of chat, in the states that are answered alike."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from town import ROLES, STATES

HEAD = ("act", "place", "states", *ROLES)


@dataclass(frozen=True)
class Row:
    """What each role is answered."""

    act: str
    place: str
    states: tuple[str, ...]
    answers: Mapping[str, str]


def read(path: Path) -> dict[tuple[str, str, str, str], str]:
    """Every cell by act, place, state and role. Raises ValueError for a cell that stands there twice."""
    cells: dict[tuple[str, str, str, str], str] = {}
    for row in _rows(path):
        for state in row.states:
            for who, answer in row.answers.items():
                key = (row.act, row.place, state, who)
                if key in cells:
                    raise ValueError(f"{path.name}: {key} stands there twice")
                cells[key] = answer
    return cells


def write(path: Path, found: Iterable[Row]) -> None:
    """Put the rows into the table, in place of what it says of the same acts and states."""
    states: dict[tuple[str, str], dict[str, Mapping[str, str]]] = {}
    for row in [*(_rows(path) if path.exists() else []), *found]:
        for state in row.states:
            states.setdefault((row.act, row.place), {})[state] = row.answers
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(HEAD)
        for (act, place), answers in sorted(states.items()):
            for row in _merged(act, place, answers):
                writer.writerow((act, place, " ".join(row.states), *_short(row.answers)))


def _merged(act: str, place: str, answers: Mapping[str, Mapping[str, str]]) -> list[Row]:
    """One row for all states that are answered alike."""
    rows: list[Row] = []
    for state in (state for state in STATES if state in answers):
        alike = next((row for row in rows if row.answers == answers[state]), None)
        if alike is None:
            rows.append(Row(act, place, (state,), answers[state]))
        else:
            rows[rows.index(alike)] = replace(alike, states=(*alike.states, state))
    return rows


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file, delimiter="\t")
    if tuple(head) != HEAD:
        raise ValueError(f"{path.name} does not begin with {HEAD}")
    return [Row(act, place, tuple(states.split()), _long(cells)) for act, place, states, *cells in lines]


def _short(answers: Mapping[str, str]) -> list[str]:
    """A cell that says the same as the one to its left is written as =."""
    cells = [answers[who] for who in ROLES]
    return [cell if not number or cell != cells[number - 1] else "=" for number, cell in enumerate(cells)]


def _long(cells: list[str]) -> dict[str, str]:
    answers: dict[str, str] = {}
    for who, cell in zip(ROLES, cells, strict=True):
        answers[who] = list(answers.values())[-1] if cell == "=" else cell
    return answers
