"""Why there is a task: a code with its facts, of which pages make a sentence in any language, and ours in English."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class TaskCode(StrEnum):
    """
    What happened.

    ``late``, ``failed``, ``unserved``, ``missed``: see `fieldops.usecases.playbook.Mishap`; ``not_done``: as
    ``failed``, of a visit nobody was promised; ``left_behind``: somebody was there and is out.
    """

    LATE = "late"
    FAILED = "failed"
    UNSERVED = "unserved"
    MISSED = "missed"
    NOT_DONE = "not_done"
    LEFT_BEHIND = "left_behind"
    NO_ROOM = "no_room"
    LOST_PLACE = "lost_place"
    FOUND_NO_PLACE = "found_no_place"
    UNREACHABLE = "unreachable"
    UNREACHABLE_ON_ROUTE = "unreachable_on_route"
    NOBODY_COMES = "nobody_comes"
    TAKEN_OFF = "taken_off"
    UNREPORTED = "unreported"
    UNFINISHED = "unfinished"
    NO_FREE_TIME = "no_free_time"
    NOT_CONTENT = "not_content"


Facts = Mapping[str, str]

#: By code; the names in braces are those of its facts.
_SENTENCES: Final[Mapping[TaskCode, str]] = {
    TaskCode.LATE: "We came later than promised: call the customer.",
    TaskCode.FAILED: "The work could not be done: see that the customer gets a new appointment.",
    TaskCode.UNSERVED: "Nobody could come as promised: see that the customer gets a new appointment.",
    TaskCode.MISSED: "Nobody could let us in: see that the customer gets a new appointment.",
    TaskCode.NOT_DONE: "The work could not be done.",
    TaskCode.LEFT_BEHIND: "{technician} was there and is out ({why}): see that the work is finished.",
    TaskCode.NO_ROOM: "{visit} lost its place today: nobody has room",
    TaskCode.LOST_PLACE: "{visit} has lost its place today",
    TaskCode.FOUND_NO_PLACE: "{visit} finds no place today",
    TaskCode.UNREACHABLE: "{visit} finds no place today: no road leads there",
    TaskCode.UNREACHABLE_ON_ROUTE: "{visit} stays on its route, and no road leads there",
    TaskCode.NOBODY_COMES: "{visit} has lost its place on {date}: {technician} does not come",
    TaskCode.TAKEN_OFF: "{visit} is promised for {date} and was taken off by hand: call the customer",
    TaskCode.UNREPORTED: "{visit} was on the plan, and nothing was reported: ask {technician} whether it was done on "
    "{date}, and report it.",
    TaskCode.UNFINISHED: "{visit} was begun, and nobody has reported its end: ask {technician} whether it was done on "
    "{date}, and report it.",
    TaskCode.NO_FREE_TIME: "{customer} found no free time for: {order}",
    TaskCode.NOT_CONTENT: "A customer was not content ({scores})",
}


def sentence_of(code: TaskCode, facts: Facts) -> str:
    """
    Say in English what happened and what is to be done.

    Parameters
    ----------
    facts
        Those the code's sentence names; where they are known, also ``reason`` (somebody's own words), ``repair`` (what
        would get the visit served) and ``comment`` (the customer's own words).
    """
    said = _SENTENCES[code].format_map(facts)
    if facts.get("reason"):
        return f"{said} Reason: {facts['reason']}"
    if facts.get("repair"):
        return f"{said}; {facts['repair']}"
    if code is TaskCode.NOT_CONTENT:
        return f"{said}: {facts['comment']}" if facts.get("comment") else f"{said}."
    return said
