"""The table of kinds: the starter's numbers, settings over it, and every fault of settings at once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kinds import (
    COMMITTEE_FROM,
    MOST_TIMES,
    STARTER,
    Attendees,
    Kind,
    KindTable,
    WrongKinds,
    lacks_committee,
    override,
)
from domain.quorum import COMMITTEE, Quorum

good = {
    "times": st.integers(0, MOST_TIMES),
    "every": st.sampled_from(["month", "quarter"]),
    "attendees": st.sampled_from([one.value for one in Attendees]),
    "quorum": st.sampled_from(["none", "> 1/2", ">= 2/3"]),
    "day": st.integers(0, 31),
    "on": st.booleans(),
}
bad: dict[str, list[Any]] = {
    "times": [-1, 32, True, 1.0, "1", None],
    "every": ["week", "", 1, None],
    "attendees": ["everybody", 3, [], None],
    "quorum": ["1/2", True, 0.5, "> 1/1", None],
    "day": [-1, 32, False, "5"],
    "on": [1, "yes", None],
}
overrides = st.dictionaries(st.sampled_from(list(Kind)).map(str), st.fixed_dictionaries({}, optional=good))


def test_the_starter_is_what_the_organisation_is_used_to() -> None:
    assert [(str(rule.kind), rule.times, rule.every, str(rule.attendees)) for rule in STARTER if rule.is_duty] == [
        ("study", 1, "month", "group"),
        ("assembly", 1, "quarter", "members"),
        ("committee", 1, "month", "committee"),
        ("subgroup", 1, "month", "subgroup"),
        ("lesson", 1, "quarter", "members"),
        ("theme_day", 1, "month", "members"),
        ("centre_group", 1, "quarter", "named"),
    ]
    assert [str(rule.kind) for rule in STARTER if rule.decides] == ["assembly", "committee"]
    assert STARTER[Kind.COMMITTEE].quorum == COMMITTEE


def test_what_has_nobody_to_attend_is_no_duty() -> None:
    youth = STARTER.duties({Attendees.GROUP})
    assert [rule.kind for rule in youth] == [Kind.STUDY]
    small_branch = {Attendees.MEMBERS, Attendees.INVITED}
    assert [rule.kind for rule in STARTER.duties(small_branch)] == [Kind.ASSEMBLY, Kind.LESSON, Kind.THEME_DAY]


def test_a_kind_switched_off_is_no_duty() -> None:
    table = override(STARTER, {"lesson": {"on": False}, "theme_day": {"times": 0}})
    assert [rule.kind for rule in table.duties({Attendees.MEMBERS})] == [Kind.ASSEMBLY]


@given(overrides)
def test_settings_change_what_they_name_and_nothing_else(settings: dict[str, dict[str, Any]]) -> None:
    table = override(STARTER, settings)
    assert [rule.kind for rule in table] == [rule.kind for rule in STARTER]
    for rule in table:
        keys = settings.get(rule.kind, {})
        for key in good:
            value = getattr(rule, key)
            if key not in keys:
                assert value == getattr(STARTER[rule.kind], key)
            elif key == "quorum":
                assert value == (None if keys[key] == "none" else Quorum.parse(keys[key]))
            else:
                assert value == (keys[key] or None if key == "day" else keys[key])


@given(overrides, overrides)
def test_a_units_settings_lie_over_the_configs(
    config: dict[str, dict[str, Any]], unit: dict[str, dict[str, Any]]
) -> None:
    merged = {kind: {**config.get(kind, {}), **unit.get(kind, {})} for kind in {**config, **unit}}
    assert override(override(STARTER, config), unit) == override(STARTER, merged)


@given(st.sets(st.sampled_from([(kind, key) for kind in ("study", "lesson") for key in bad]), min_size=1), st.data())
def test_every_fault_is_listed_with_its_key(wrong: set[tuple[str, str]], data: st.DataObject) -> None:
    settings: dict[str, dict[str, Any]] = {}
    for kind, key in sorted(wrong):
        settings.setdefault(kind, {})[key] = data.draw(st.sampled_from(bad[key]))
    with pytest.raises(WrongKinds) as refused:
        override(STARTER, settings)
    assert {fault.key for fault in refused.value.faults} == {f"{kind}.{key}" for kind, key in wrong}
    assert {fault.code for fault in refused.value.faults} == {"not_allowed"}


def test_unknown_names_are_faults_that_say_what_there_is() -> None:
    with pytest.raises(WrongKinds) as refused:
        override(STARTER, {"party": {}, "study": {"time": 1}, "lesson": 3})
    faults = {fault.key: fault for fault in refused.value.faults}
    assert {key: fault.code for key, fault in faults.items()} == {
        "party": "unknown_kind",
        "study.time": "unknown_key",
        "lesson": "not_allowed",
    }
    assert "theme_day" in faults["party"].allowed
    assert "times" in faults["study.time"].allowed
    assert "study.time" in str(refused.value)


def test_a_table_has_each_kind_once() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        KindTable(STARTER.rules[1:])
    with pytest.raises(ValueError, match="exactly one"):
        KindTable((*STARTER.rules, STARTER.rules[0]))


@given(st.integers(0, 50), st.integers(0, 7))
def test_a_large_branch_without_a_committee_is_hinted_at(full_members: int, committee: int) -> None:
    assert lacks_committee(full_members, committee) == (full_members >= COMMITTEE_FROM and not committee)
