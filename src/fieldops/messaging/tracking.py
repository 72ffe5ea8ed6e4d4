"""Where a visit stands, in one sentence for its customer."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from fieldops.domain.problem import TimeWindow
from fieldops.messaging import wording


class TrackState(StrEnum):
    """Where a visit stands, as its customer sees it."""

    BOOKED = "booked"
    TODAY = "today"
    DELAYED = "delayed"
    UNCERTAIN = "uncertain"
    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"


_SENTENCES: Final[Mapping[str, Mapping[TrackState, str]]] = {
    "en": {
        TrackState.BOOKED: "Your appointment is {window}.",
        TrackState.TODAY: "We will be with you today {expected}.",
        TrackState.DELAYED: "We are running late and expect to arrive {expected}.",
        TrackState.UNCERTAIN: "We are sorry: we cannot say yet when we come. We will tell you as soon as we can.",
        TrackState.ON_THE_WAY: "{technician} is on the way to you and will arrive {expected}.",
        TrackState.ARRIVED: "{technician} has arrived.",
        TrackState.IN_PROGRESS: "{technician} is at work.",
        TrackState.DONE: "Your appointment is done. Thank you!",
        TrackState.FAILED: "We could not do the work. Please choose a new appointment.",
        TrackState.CANCELED: "Your appointment is canceled.",
    },
    "de": {
        TrackState.BOOKED: "Ihr Termin: {window}.",
        TrackState.TODAY: "Wir kommen heute {expected}.",
        TrackState.DELAYED: "Wir verspäten uns und kommen voraussichtlich {expected}.",
        TrackState.UNCERTAIN: "Leider wissen wir noch nicht, wann wir kommen. Wir melden uns, sobald wir es wissen.",
        TrackState.ON_THE_WAY: "{technician} ist auf dem Weg zu Ihnen, Ankunft {expected}.",
        TrackState.ARRIVED: "{technician} ist da.",
        TrackState.IN_PROGRESS: "{technician} ist bei der Arbeit.",
        TrackState.DONE: "Ihr Termin ist erledigt. Vielen Dank!",
        TrackState.FAILED: "Wir konnten die Arbeit nicht erledigen. Bitte wählen Sie einen neuen Termin.",
        TrackState.CANCELED: "Ihr Termin ist abgesagt.",
    },
}
#: Of somebody who is on the way when the promised window is missed.
_LATE: Final[Mapping[str, str]] = {
    "en": "{technician} is on the way to you, later than we promised, and will arrive {expected}. We are sorry.",
    "de": "{technician} ist auf dem Weg zu Ihnen, später als versprochen: Ankunft {expected}. Das tut uns leid.",
}
_SOMEBODY: Final[Mapping[str, str]] = {"en": "Our technician", "de": "Unser Techniker"}


def sentence_of(
    state: TrackState,
    language: str,
    *,
    window: TimeWindow,
    expected: TimeWindow | None,
    technician: str,
    zone: ZoneInfo,
    is_late: bool = False,
) -> str:
    """
    Say where a visit stands.

    Parameters
    ----------
    window
        The booked one.
    expected
        When somebody will arrive; None = within the window, nothing more is said.
    technician
        First name; empty = nobody is named.
    zone
        Of the place.
    is_late
        Whether the booked window is missed.
    """
    spoken = wording.language_of(language)
    is_late_on_the_way = is_late and state is TrackState.ON_THE_WAY and expected is not None
    sentence = _LATE[spoken] if is_late_on_the_way else _SENTENCES[spoken][state]
    return sentence.format(
        window=wording.long_window(window, zone, spoken),
        expected=wording.clock_range(expected or window, zone, spoken),
        technician=technician or _SOMEBODY[spoken],
    )
