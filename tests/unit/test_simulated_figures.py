"""Simulated days are counted, and compared."""

import io
from dataclasses import replace
from datetime import timedelta

from domain_builders import at, window
from fieldops.domain.progress import EventKind, ProgressEvent
from fieldops.simulate.compare import Simulated
from fieldops.simulate.day import Diary
from fieldops.simulate.driver import Expectation, ReplanDone
from fieldops.simulate.figures import DayFigures, Morning, Product, Share, figures_of
from fieldops.simulate.table import LINES, markdown_of, rows_of, write_csv

MORNING = Morning(
    promised={name: window("10:00", "12:00") for name in ("on time", "late", "never", "called off", "closed")},
    bookings=5,
    shift_ends={"kim": at("16:00"), "ada": at("16:00")},
)


def a_diary() -> Diary:
    """Write a day down: one visit of each kind, by Kim, who is home at half past four."""
    diary = Diary(canceled={"called off"}, not_opened={"closed"}, urgent=["urgent"], home={"kim": at("16:30")})
    for visit_id, left, arrived, started in (
        ("on time", "09:30", "09:50", "10:20"),
        ("late", "11:50", "12:05", "12:10"),
        ("urgent", "13:00", "13:10", "13:10"),
    ):
        for kind, clock in (
            (EventKind.TRAVEL_STARTED, left),
            (EventKind.ARRIVED, arrived),
            (EventKind.STARTED, started),
        ):
            event = ProgressEvent(
                id=f"{visit_id}:{kind}", kind=kind, occurred_at=at(clock), technician_id="kim", visit_id=visit_id
            )
            diary.note(event)
    return diary


def test_a_day_is_counted() -> None:
    """Who calls off or does not open breaks the promise themselves; who is never served was promised all the same."""
    figures = figures_of(MORNING, a_diary(), Product())

    # On time, late and never count; two of the three are broken.
    assert (figures.promises, figures.broken, figures.never) == (3, 2, 1)
    # From ten: 20 min and 130 min.
    assert figures.waiting_min == (20, 130)
    # 20 + 15 + 10 minutes on the road; half an hour after the end of the shift.
    assert figures.driven_h == 0.75
    assert figures.overtime_h == 0.5
    assert figures.urgent == Share(count=1, total=1)


def test_ranges_are_judged_by_what_was_expected_when_somebody_looked() -> None:
    """A range that was corrected after the customer had read it was wrong for that customer."""
    early = Expectation(since=at("08:00"), arrival=at("09:00"), earliest=at("08:50"), latest=at("09:10"))
    right = Expectation(since=at("09:10"), arrival=at("09:55"), earliest=at("09:45"), latest=at("10:05"))

    figures = figures_of(MORNING, a_diary(), Product(expected={"on time": [early, right]}))

    # Arrival at 9:50. At 9:30, when Kim left, the range held it; at 8:50 it did not.
    assert figures.covered_leaving == Share(count=1, total=1)
    assert figures.covered_before == Share(count=0, total=1)
    # Looked at from 8:00 to 9:40, every ten minutes; from 9:10 on the range held it.
    assert figures.covered_shown == Share(count=4, total=11)


def test_what_a_stream_says_of_a_departure_counts_for_it_although_it_is_heard_later() -> None:
    """On a clock at sixty times the speed, half a second of the network is half a minute of the day."""
    waiting = Expectation(since=at("09:00"), arrival=at("10:40"), earliest=at("10:20"), latest=at("11:00"))
    leaving = Expectation(since=at("09:31"), arrival=at("09:52"), earliest=at("09:47"), latest=at("09:57"))

    heard = Product(expected={"on time": [waiting, leaving]}, heard_after=timedelta(minutes=2))

    # Kim leaves at 9:30 and is there at 9:50.
    assert figures_of(MORNING, a_diary(), heard).covered_leaving == Share(count=1, total=1)
    at_once = replace(heard, heard_after=timedelta(0))
    assert figures_of(MORNING, a_diary(), at_once).covered_leaving == Share(count=0, total=1)


def test_replans_and_messages_are_counted() -> None:
    """Only a replan that changes the plan moves anybody, and only what is about another time is news."""
    done = ReplanDone(at=at("11:00"), state="applied", why=("late",), ahead=50, moved=2)
    product = Product(
        replans=(done, replace(done, state="nothing_better", moved=0)),
        messages=frozenset({("delayed", "b1:1"), ("on_the_way", "b1:1"), ("confirmation", "b1:1")}),
    )

    figures = figures_of(MORNING, a_diary(), product)

    assert figures.replans == 2
    assert [moved.percent for moved in figures.moved] == [4.0]
    assert (figures.messages, figures.news) == (2, 1)
    # Two moves in a day on which three visits were served.
    [per_visit] = [row[2] for row in rows_of([_simulated(0, True, figures)]) if row[0] == "such moves per visit served"]
    assert per_visit == "0.67"


def test_days_are_compared_seed_by_seed() -> None:
    """What luck adds to both days of a seed is not in the difference."""
    figures = figures_of(MORNING, a_diary(), Product())
    days = [
        _simulated(seed, replans, replace(figures, broken=broken))
        for seed, replans, broken in ((0, False, 10), (0, True, 4), (1, False, 20), (1, True, 12), (2, False, 30))
    ]

    row = next(row for row in rows_of(days) if row[0] == "broken promises")

    # Means of 10, 20, 30 and of 4, 12; differences -6 and -8: -7, deviation 1.414, 1.96 x 1.414 / 1.414 = 1.96.
    assert row == ("broken promises", "20.0", "8.0", "-7.0 ± 2.0")


def test_one_kind_of_days_has_no_difference() -> None:
    """Nothing is made up about days that were not simulated."""
    days = [_simulated(0, True, figures_of(MORNING, a_diary(), Product()))]

    assert all(row[1] == "-" and row[3] == "-" for row in rows_of(days))
    assert markdown_of(days).count("\n") == len(LINES) + 2


def test_a_line_is_written_for_each_day() -> None:
    """For whoever wants to compute something else."""
    text = io.StringIO()

    write_csv(text, [_simulated(5, False, figures_of(MORNING, a_diary(), Product()))])

    header, line = (row.split(",") for row in text.getvalue().splitlines())
    assert dict(zip(header, line, strict=True))["broken"] == "2.00"
    assert line[:2] == ["5", "no"]


def test_a_day_on_which_nothing_happened_has_figures() -> None:
    """A problem without visits is a day all the same."""
    nothing = figures_of(Morning(promised={}, bookings=0, shift_ends={}), Diary(), Product())

    assert rows_of([_simulated(0, False, nothing)])[0] == ("promises that count", "0.0", "-", "-")


def _simulated(seed: int, replans: bool, figures: DayFigures) -> Simulated:
    """Say that a day had these figures."""
    return Simulated(seed=seed, replans=replans, figures=figures, diary=Diary(), product=Product())
