"""An end that was reported by mistake and is taken back: where the visit stands then."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from fieldops.domain.progress import EventKind, ProgressEvent, VisitPhase, VisitProgress, progress_of

EIGHT = datetime(2026, 3, 16, 12, tzinfo=UTC)


def event(kind: str, minute: int, technician: str | None = "kim", **more: Any) -> ProgressEvent:
    """Make an event so many minutes after eight."""
    at = EIGHT + timedelta(minutes=minute)
    about = {"technician_id": technician, "visit_id": "a"}
    return ProgressEvent(**{"id": f"{kind}-{minute}", "kind": EventKind(kind), "occurred_at": at, **about, **more})


def fold(*events: ProgressEvent) -> VisitProgress:
    """Read events in every order in which they may arrive; all say the same."""
    [progress] = {progress_of("a", order) for order in permutations(events)}
    return progress


@pytest.mark.parametrize("end", ["done", "could_not_complete", "no_show"])
def test_a_visit_whose_end_is_taken_back_stands_where_it_stood(end: str) -> None:
    """Kim has the wrong visit in hand: it is in progress as if nothing had been tapped, extension and all."""
    begun = (event("started", 0), event("extended", 20, minutes=15))

    assert fold(*begun, event(end, 30, reason="gone"), event("reopened", 31)) == fold(*begun)


def test_a_visit_that_was_never_begun_is_planned_again() -> None:
    """Done was all that was said of it: steps taken as read are taken back with it."""
    assert fold(event("done", 30), event("reopened", 40)).phase is VisitPhase.PLANNED


def test_the_real_end_comes_later() -> None:
    """Taken back and done again: the second end counts, by its own time."""
    progress = fold(event("started", 0), event("done", 30), event("reopened", 31), event("done", 50))

    assert (progress.phase, progress.finished_at) == (VisitPhase.DONE, EIGHT + timedelta(minutes=50))
    assert progress.ignored == ()


@pytest.mark.parametrize(
    ("technician", "minutes", "is_ignored"),
    [
        pytest.param("kim", 30 + 12 * 60, False, id="a shift later"),
        pytest.param("kim", 30 + 12 * 60 + 1, True, id="later than that"),
        pytest.param("lee", 31, True, id="somebody else"),
        pytest.param(None, 30 + 48 * 60, False, id="a dispatcher, days later"),
    ],
)
def test_technicians_take_back_their_own_word_and_soon(technician: str | None, minutes: int, is_ignored: bool) -> None:
    """What was said hours ago by somebody else is for a dispatcher to correct."""
    back = event("reopened", minutes, technician)
    progress = fold(event("started", 0), event("done", 30), back)

    assert progress.ignored == ((back.id,) if is_ignored else ())
    assert progress.phase is (VisitPhase.DONE if is_ignored else VisitPhase.IN_PROGRESS)


@pytest.mark.parametrize("before", [("travel_started",), ("started",), ("started", "canceled")])
def test_what_has_no_end_of_theirs_is_not_taken_back(before: tuple[str, ...]) -> None:
    """A visit under way has no end yet, and one that was called off was called off by the customer."""
    steps = [event(kind, minute) for minute, kind in enumerate(before)]
    progress = fold(*steps, event("reopened", 30))

    assert progress.ignored == ("reopened-30",)
    assert progress.phase is fold(*steps).phase


def test_who_went_out_meanwhile_is_not_on_the_way_again() -> None:
    """Kim drove there, tapped the wrong button and fell ill: nobody comes to that visit."""
    out = event("technician_out", 40, visit_id=None)
    progress = fold(event("travel_started", 0), event("done", 30), out, event("reopened", 41))

    assert (progress.phase, progress.technician_id) == (VisitPhase.PLANNED, None)
