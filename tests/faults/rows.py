"""The fault matrix: what each row is, and the tests elsewhere that show it; those here carry its number."""

from typing import Final, NamedTuple


class Row(NamedTuple):
    """A fault, and what must happen; `elsewhere` are tests of other folders, `open` says why none can show it yet."""

    fault: str
    expected: str
    elsewhere: tuple[str, ...] = ()
    open: str = ""


_EDGES, _UNIT, _LIFE = "tests/edges/test_edges_", "tests/unit/", "tests/integration/test_"

ROWS: Final[dict[int, Row]] = {
    1: Row("killed after the claim, before the sending", "sent once"),
    2: Row("killed after the acceptance, before its commit", "one duplicate at most, on record"),
    3: Row("killed in the middle of an update", "its effect once, after the restart"),
    4: Row("killed between the inbox commit and the acknowledgement", "the repetition is ignored"),
    5: Row("restart, overdue and of use", "sent, and says that it is late"),
    6: Row(
        "restart, expired",
        "skipped, no flood; leaders are told in one message",
        (f"{_LIFE}unsent.py::test_after_an_outage_each_leader_is_told_once_what_expired",),
    ),
    7: Row("429 of one chat", "only that chat waits"),
    8: Row("429 of everything, 0 s or an hour", "waited for, others resume"),
    9: Row("500, 502, 504", "the policy of what may have arrived"),
    10: Row("timeout after the acceptance", "the policy"),
    11: Row("reset, half a body", "the policy"),
    12: Row("connection refused", "tried again, no duplicate"),
    13: Row("200 with garbage; ok: false", "the policy; rejected"),
    14: Row("401, token revoked", "nothing is lost, trouble is told"),
    15: Row("403, thrown out or blocked", "the chat is left alone, its messages stay"),
    16: Row("400, chat not found", "not tried again"),
    17: Row("400, not modified", "counts as done"),
    18: Row("a group becomes a supergroup", "its number changes once, sent once"),
    19: Row("an update twice", "one effect"),
    20: Row("out of order, lower numbers", "all handled"),
    21: Row("a poisonous update", "set aside, the rest goes on"),
    22: Row("a button of an old or deleted session", "told so, nothing written"),
    23: Row("a forged button with another group's number", "refused"),
    24: Row(
        "an anonymous admin",
        "confirms who they are",
        (
            f"{_EDGES}identity.py::test_anonymous_admin_is_not_confirmed_by_somebody_who_is_no_admin",
            f"{_EDGES}identity.py::test_anonymous_admin_who_confirms_too_late_has_done_nothing",
            f"{_EDGES}identity.py::test_anonymous_admin_s_button_works_in_its_own_group_only",
        ),
    ),
    25: Row("webhook without its secret", "403, no row, nothing logged"),
    26: Row("a webhook's update a hundred times", "one effect"),
    27: Row("two replicas, one reminder", "sent once"),
    28: Row("a worker asleep past its lease", "the fence is shut"),
    29: Row("two pollers", "one is active, the other takes over"),
    30: Row("the clock jumps two hours", "nothing early, nothing twice"),
    31: Row("gap and fold of a clock change", "one for each local date"),
    32: Row("a laptop asleep for eight hours", "late or skipped as its policy says"),
    33: Row("the database is locked", "not acknowledged, then taken in"),
    34: Row("the disk is full", "not acknowledged, nothing false is said"),
    35: Row("PostgreSQL goes and comes back", "nothing lost, nothing doubled"),
    36: Row("a damaged SQLite file", "no start, the file is kept, the way back is told"),
    37: Row("a migration is killed", "old or new, and it runs again"),
    38: Row("an older backup is restored", "what is past is skipped"),
    39: Row(
        "a burst of check-ins, with kills",
        "as many rows as taps",
        (
            "tests/faults/test_kill_checkins.py"
            "::test_kill_9_loses_and_doubles_no_check_in_where_stock_polling_loses_some",
            "tests/faults/test_kill_checkins.py::test_three_kills_in_a_row_lose_and_double_no_check_in",
        ),
    ),
    40: Row(
        "a giant text",
        "cut so that it fits and can be read",
        (
            f"{_EDGES}texts.py::test_huge_text_is_answered_and_kept_nowhere",
            f"{_EDGES}texts.py::test_huge_title_of_a_session_reaches_its_echo",
            f"{_EDGES}texts.py::test_huge_title_of_a_group_reaches_its_card",
        ),
    ),
    41: Row("HTML in names", "literal, no 400", (f"{_EDGES}texts.py::test_names_in_any_script_and_direction",)),
    42: Row(
        "names of any direction, with what cannot be seen",
        "kept apart from the text around",
        (
            f"{_EDGES}texts.py::test_names_in_any_script_and_direction",
            f"{_UNIT}domain/test_zones_and_names.py::test_a_clean_name_stays_as_it_is_and_on_one_line",
        ),
    ),
    43: Row(
        "formulas in CSV and XLSX",
        "inert",
        (f"{_UNIT}exports/test_inert.py::test_nothing_begins_like_a_formula_and_nothing_is_lost",),
    ),
    44: Row("a group of ten thousand", "messages fit, the export stays bounded"),
    45: Row("an export across groups", "no foreign row"),
    46: Row("demoted between asking and sending", "refused"),
    47: Row(
        "own data and erasure",
        "nowhere any more",
        (
            f"{_LIFE}privacy.py::test_nothing_leads_to_somebody_who_was_forgotten",
            f"{_LIFE}privacy.py::test_old_replies_that_say_the_name_go_and_what_is_still_to_be_sent_goes_without_it",
            f"{_LIFE}privacy.py::test_the_file_holds_everything_in_words",
        ),
    ),
    48: Row(
        "retention",
        "gone after its time, totals stay",
        (f"{_LIFE}retention.py::test_details_go_by_age_and_what_counts_stays",),
    ),
    49: Row(
        "secrets in logs",
        "none, in tracebacks neither",
        (f"{_UNIT}bot/test_logs.py::test_no_fault_tells_what_a_person_wrote",),
    ),
    50: Row("a dependency with a known hole", "the audit fails"),
}
