"""Everything that can be said or tapped: every command, and every button with the numbers it carries."""

from collections.abc import Callable
from typing import Final

from town import Side

from services.group_settings import Page as GroupPage
from services.settings import Page as SettingsPage

LINES: Final = {"new": ("12月20日19:00 读书会", "昨天19:00 读书会", "abc"), "org": ("unit 市直机关",)}
"""What is typed after a command, where something can be; every command is also tried alone."""

MONDAY: Final = 739_950
"""Monday 30 November 2026 as `date.toordinal`, which the buttons of a board carry."""

FRIDAY: Final = MONDAY + 4

Numbers = Callable[[Side], tuple[int, ...]]


def session(*more: int) -> Numbers:
    """The session, and whatever else the button carries."""
    return lambda side: (side.session, *more)


def group(*more: int) -> Numbers:
    """The group, and whatever else."""
    return lambda side: (side.group, *more)


def draft(*more: int) -> Numbers:
    """The draft that a leader typed in the group, and whatever else."""
    return lambda side: (side.draft, *more)


def session_of(who: str, *more: int) -> Numbers:
    """The session and a person, and whatever else."""
    return lambda side: (side.session, side.id_of(who), *more)


def numbers(*given: int) -> Numbers:
    """Numbers that name nothing of the group."""
    return lambda _side: given


def edit(*more: int) -> Numbers:
    """The change of the session that a leader has begun, and whatever else."""
    return lambda side: (side.edit, *more)


def plan(*more: int) -> Numbers:
    """The draft that a leader makes step by step, and whatever else."""
    return lambda side: (side.plan, *more)


def proposal(*more: int) -> Numbers:
    """The dates proposed to the leader, and whatever else."""
    return lambda side: (side.proposal, *more)


def away(*more: int) -> Numbers:
    """The long leave that somebody asks for, and whatever else."""
    return lambda side: (side.away, *more)


def task(*more: int) -> Numbers:
    """A member's make-up task, and whatever else."""
    return lambda side: (side.makeup, *more)


def turn(*more: int) -> Numbers:
    """The session that is a member's turn to lead, and whatever else."""
    return lambda side: (side.later, *more)


def swap() -> Numbers:
    """The swap of it that another member is asked for."""
    return lambda side: (side.swap,)


def branch(*more: int) -> Numbers:
    """The unit below the topmost, and whatever else."""
    return lambda side: (side.branch, *more)


def branch_and(who: str) -> Numbers:
    """The unit below the topmost, and a person."""
    return lambda side: (side.branch, side.id_of(who))


def group_of(who: str, *more: int) -> Numbers:
    """The group and a person, and whatever else."""
    return lambda side: (side.group, side.id_of(who), *more)


def request(*more: int) -> Numbers:
    """The correction that somebody asks for, and whatever else."""
    return lambda side: (side.correction, *more)


def attached(*more: int) -> Numbers:
    """The material of the session, and whatever else."""
    return lambda side: (side.material, *more)


BUTTONS: Final[dict[str, Numbers]] = {
    # in the group
    "checkin": session(),
    "details": session(),
    "going": session(),
    "join": group(),
    "lead": group(),
    "leave": session(),
    "correction": session(),
    "place": group(MONDAY),
    "board_for": group(1),
    "board_pic": group(MONDAY),
    "board_week": group(),
    "register": numbers(),
    "undo_publish": draft(),
    "unlead": group_of("leader"),
    "unregister": group(),
    "verify": numbers(1),
    "gtopic": group(0, 77),
    "gtopic_off": group(),
    # one's own
    "calendar": session(),
    "calendar_group": group(),
    "calendar_mine": numbers(),
    "correct_to": session(0),
    "correction_withdraw": request(),
    "corrections_own": numbers(),
    "forget": numbers(),
    "forget_no": numbers(),
    "forget_now": numbers(),
    "forget_undo": numbers(),
    "help": numbers(0),
    "lang": numbers(),
    "leave_from": session(),
    "leave_list": numbers(),
    "leave_reason": session(1),
    "why": numbers(0, 0),
    "leave_take": session(1),
    "mine": numbers(),
    "my_data": numbers(),
    "my_groups": numbers(0),
    "page_going": session(),
    "page_leave": session(1),
    "page_why": session(),
    "page_withdraw": session(),
    "quit": group(),
    "quit_yes": group(),
    "rank": group(),
    "remind": numbers(1),
    "session": session(0),
    "set": numbers(),
    "set_page": numbers(SettingsPage.BOARD),
    "set_stop": numbers(SettingsPage.ZONE),
    "set_to": numbers(SettingsPage.BOARD, 2),
    "set_type": numbers(SettingsPage.ZONE),
    "today": numbers(),
    "withdraw": session(),
    # a draft
    "cadence": draft(1),
    "clock": draft(1930),
    "day": draft(20261219),
    "draft": draft(),
    "drop": draft(),
    "half": draft(),
    "length": draft(60),
    "more": draft(),
    "no_link": draft(),
    "no_place": draft(),
    "new_in": lambda side: (side.draft, side.group),
    "proposed": draft(),
    "publish": draft(),
    "relink": draft(),
    "repeat": draft(),
    "replace": draft(),
    "retime": draft(0),
    "retitle": draft(),
    "type_time": draft(),
    # step by step
    "plan_new": group(),
    "plan_kind": plan(0),
    "plan_title": plan(),
    "plan_days": plan(0),
    "plan_day": plan(20261219),
    "plan_time": plan(1930),
    "plan_place": plan(0),
    "plan_no_link": plan(),
    # a session, by its leader
    "add_person": session(0),
    "cancel": session(),
    "cancel_later": session(),
    "cancel_no": session(),
    "cancel_yes": session(),
    "close": session(),
    "close_no": session(),
    "close_yes": session(),
    "code": session(),
    "leave_early": session(),
    "stay": session(),
    "venue": session(),
    "venue_near": session(1),
    "venue_off": session(),
    "edit": session(),
    "edit_at": session(FRIDAY),
    "edit_clear": session(1),
    "edit_clock": session(FRIDAY, 19 * 60),
    "edit_day": session(0),
    "edit_field": session(0),
    "edit_half": edit(),
    "edit_length": session(60),
    "edit_no": edit(),
    "edit_undo": edit(),
    "edit_yes": edit(0),
    "mark": session_of("member", 1, 0),
    "material_add": session(),
    "material_done": session(),
    "material_drop": attached(),
    "material_drop_yes": attached(),
    "material_list": session(),
    "materials": session(),
    "minutes": session(),
    "minutes_review": session(),
    "minutes_set": session(0, 0),
    "minutes_text": session(0),
    "minutes_who": session(0, 0),
    "person": session_of("member", 0),
    "reopen": session(),
    "reopen_no": session(),
    "reopen_yes": session(),
    "session_history": session(0),
    "session_people": session(0),
    "sheet": session(0, 0),
    "unmark": session_of("second", 0),
    # a group, by its leader
    "approve": session_of("other"),
    "correct": request(0),
    "correction_request": request(),
    "corrections": group(0),
    "decline": session_of("other"),
    "deputies": group(0),
    "deputy": group_of("member"),
    "group_settings": group(),
    "gset_page": group(GroupPage.NUDGE),
    "gset_stop": group(GroupPage.ZONE),
    "gset_to": group(GroupPage.NUDGE, 120),
    "gset_type": group(GroupPage.NAME),
    "hand": group(0),
    "hand_accept": group_of("leader"),
    "hand_back": group(),
    "hand_decline": group_of("leader"),
    "hand_to": group_of("member"),
    "hand_yes": group_of("member"),
    "leaders": group(),
    "leave_request": session_of("other"),
    "leaves": group(0),
    "manage": group(),
    "manage_list": numbers(0),
    "member": group_of("member"),
    "merge": group_of("member", 0),
    "merge_look": lambda side: (side.group, side.id_of("member"), side.id_of("other")),
    "merge_undo": numbers(1),
    "merge_yes": lambda side: (side.group, side.id_of("member"), side.id_of("other")),
    "name_of": group_of("member"),
    "remove_member": group_of("member"),
    "remove_member_yes": group_of("member"),
    "committee": group_of("member", 1),
    "speaks": group_of("member", 0),
    "transfer": group_of("member", 0),
    "transfer_to": lambda side: (side.group, side.id_of("member"), side.group),
    "transfer_yes": lambda side: (side.group, side.id_of("member"), side.group),
    "standing": group_of("member", 1),
    "subgroup": group_of("member"),
    "subgroup_off": group_of("member"),
    "roster": group(0),
    "roster_apply": numbers(1),
    "roster_drop": numbers(1),
    "roster_file": group(),
    "roster_save": group(1),
    "ask_reach": group(),
    "sessions_of": group(0),
    "setup": group(1),
    "setup_lead": group(),
    "setup_set": group(4, 1),
    "step_down": group(),
    "step_down_yes": group(),
    "undeputy": group_of("deputy"),
    # the year's plan
    "auto": group(2027, 0),
    "auto_clock": proposal(0, 0, 900),
    "auto_clocks": proposal(0, 0),
    "auto_day": proposal(0, 0, 20261221),
    "auto_days": proposal(0, 0, 0),
    "auto_drop": proposal(),
    "auto_item": proposal(0, 0),
    "auto_out": proposal(0, 0),
    "auto_page": proposal(0),
    "auto_undo": proposal(),
    "auto_yes": proposal(0),
    "kind": group(0, 0),
    "kind_default": group(0, 0),
    "kind_set": group(0, 0, 1, 2),
    "kinds": group(0),
    "kinds_form": group(1),
    "plan_q": group(2026, 4),
    "plan_y": group(0),
    "plans": numbers(2026, 0),
    "reason": group(0, 0, 739_890),
    "reason_note": group(0, 0, 739_890),
    "reason_off": group(0, 0, 739_890),
    "reason_is": group(0, 0, 739_890, 0),
    "reasons": group(),
    # the rota of speakers
    "rota": numbers(),
    "rota_one": turn(0),
    "rota_set": lambda side: (side.later, side.id_of("second")),
    "swap": turn(0),
    "swap_ask": lambda side: (side.later, side.id_of("second"), 0),
    "swap_no": swap(),
    "swap_off": swap(),
    "swap_yes": swap(),
    # what may not have arrived
    "send_again": lambda side: (side.board,),
    "is_there": lambda side: (side.board,),
    # appeals
    "appeal": request(),
    "appeal_no": request(),
    "appeal_yes": request(),
    # long leave
    "long_cal": group(0, 0, 2026 * 12 + 11),
    "long_cut": away(739_986),
    "long_days": group(0, 739_980, 739_990),
    "long_end": away(),
    "long_for": group_of("member"),
    "long_leave": away(),
    "long_leaves": numbers(),
    "long_new": group(),
    "long_no": away(),
    "long_ok": away(),
    "long_put": group_of("member", 739_980, 739_990, 1),
    "long_short": away(),
    "long_take": group(739_980, 739_990, 1),
    "long_wait": group(0),
    # make-up study
    "makeup": task(),
    "makeup_decide": task(0),
    "makeup_file": task(),
    "makeup_note": task(),
    "makeup_task": task(),
    "makeup_undo": task(),
    "makeups": numbers(),
    "makeups_of": group(0),
    # units
    "unit": branch(0),
    "unit_acts": branch(0),
    "unit_admins": branch(),
    "unit_appoint": branch_and("leader"),
    "unit_group": group(0),
    "unit_move": branch(0),
    "unit_name": branch(0),
    "unit_off": branch_and("admin"),
    "unit_put": branch(1),
    "unit_remove": branch(),
    "unit_take": lambda side: (side.group, side.branch),
    # exports
    "export_group": group(),
    "export_cal": group(0, 2026 * 12 + 10),
    "export_days": group(MONDAY, FRIDAY),
    "export_make": group(MONDAY, FRIDAY, 0),
    "export_page": numbers(0),
}
"""Every button by its verb, with numbers that it may really carry."""
