"""``fieldops quote``."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from fieldops.cli.console import out, plain
from fieldops.cli.guard import ANSWER_IS_BAD
from fieldops.domain.policies import OfferedWindow, windows_on
from fieldops.domain.problem import Problem, TimeWindow
from fieldops.domain.value_faults import wrong
from fieldops.errors import Fault, InvalidInput
from fieldops.files.plan_json import load_plan
from fieldops.files.problem_json import load_problem
from fieldops.files.visit_json import load_new_visit
from fieldops.report.wording import clock, count_words, duration_words, money_words, short_date, window_words
from fieldops.solver import Refusal
from fieldops.usecases.quote_visit import QuotedWindow, quote_visit
from fieldops.wiring import travel_provider

#: Asked for on every date when nothing else is.
DEFAULT_DAILY: Final = ("08:00-10:00", "10:00-12:00", "12:00-14:00", "14:00-16:00", "16:00-18:00")
_EVERY_DAY: Final = frozenset(range(7))
_MOST_WINDOWS: Final = 1_000

REFUSAL_WORDS: Final = {
    Refusal.NOT_ALLOWED: "not allowed",
    Refusal.SKILL: "lacks a skill",
    Refusal.OUTSIDE_SHIFT: "not within the shift",
    Refusal.FULL: "full",
    Refusal.UNSOUND: "the plan breaks a rule",
}


def quote(
    problem_path: Annotated[Path, typer.Argument(metavar="PROBLEM", help="Problem document (JSON).")],
    plan_path: Annotated[Path, typer.Argument(metavar="PLAN", help="Plan document (JSON).")],
    visit_path: Annotated[
        Path, typer.Option("--visit", metavar="VISIT.json", help="The visit asked for (docs/schemas).")
    ],
    windows: Annotated[
        list[str] | None,
        typer.Option("--window", metavar="DATE/HH:MM-HH:MM", help="A window, in local time. Can be repeated."),
    ] = None,
    daily: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HH:MM-HH:MM",
            help="A window on every date. Can be repeated. [default: every two hours from 08:00 to 18:00, "
            "without --window]",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all slots as JSON.")] = False,
) -> None:
    """
    Quote a new visit against a plan.

    Shows per window the cheapest technician, or why nobody can come; the exit code is 1 when no window has a place.
    """
    problem, made = load_problem(problem_path), load_plan(plan_path)
    asked = _asked(problem, windows or (), daily or ())
    visit, place = load_new_visit(visit_path)
    provider = travel_provider(problem.travel, base_dir=problem_path.parent)
    quoted = quote_visit(problem, made, provider, visit, place, asked)
    zone = ZoneInfo(problem.time_zone)
    if as_json:
        document = {"visit_id": visit.id, "windows": [_document(window, zone) for window in quoted]}
        typer.echo(json.dumps(document, indent=2))
    else:
        out().print(_table(f"{visit.id}, {visit.name}" if visit.name else visit.id, quoted, zone))
    if not any(window.slots for window in quoted):
        raise typer.Exit(ANSWER_IS_BAD)


def _asked(problem: Problem, windows: Sequence[str], daily: Sequence[str]) -> list[TimeWindow]:
    """Read the windows asked for, by time; raise `InvalidInput` with every one that is none."""
    zone = ZoneInfo(problem.time_zone)
    dates = [problem.first_date + timedelta(days=day) for day in range(problem.num_days)]
    wanted: set[tuple[date, OfferedWindow]] = set()
    faults: list[Fault] = []
    for text in windows:
        day_text, _, period = text.partition("/")
        day, offered = _date(day_text), _period(period)
        if day is None or offered is None:
            faults.append(wrong("--window", text, f"a date and two times, such as {dates[0]}/08:00-10:00"))
        elif day not in dates:
            faults.append(wrong("--window", text, f"a date from {dates[0]} to {dates[-1]}"))
        elif not list(windows_on((offered,), day, zone)):
            faults.append(wrong("--window", text, "times that exist on that date, on which clocks are changed"))
        else:
            wanted.add((day, offered))
    for text in daily if daily or windows else DEFAULT_DAILY:
        offered = _period(text)
        if offered is None:
            faults.append(wrong("--daily", text, "two times, the earlier one first, such as 08:00-10:00"))
        else:
            wanted.update((day, offered) for day in dates)
    if len(wanted) > _MOST_WINDOWS:
        faults.append(
            Fault(path="--daily", found=count_words(len(wanted), "window"), expected=f"{_MOST_WINDOWS:,} at most")
        )
    if faults:
        raise InvalidInput(faults)
    found = {window for day, offered in wanted for window in windows_on((offered,), day, zone)}
    return sorted(found, key=lambda window: (window.earliest, window.latest))


def _date(text: str) -> date | None:
    """Read a date, or return None when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _period(text: str) -> OfferedWindow | None:
    """Read two times of a day, or return None when they are none."""
    try:
        start, end = (time.fromisoformat(part) for part in text.split("-"))
    except ValueError:
        return None
    if start.tzinfo is not None or end.tzinfo is not None or end <= start:
        return None
    return OfferedWindow(weekdays=_EVERY_DAY, start=start, end=end)


def _table(title: str, quoted: Sequence[QuotedWindow], zone: ZoneInfo) -> Table:
    """Lay out a line per window, by date."""
    table = Table(
        title=plain(title, "bold"), title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column("Window")
    table.add_column("Cost", justify="right")
    table.add_column("Technician", overflow="fold")
    for header in ("Kept", "Starts", "Slack", "Detour", "Others"):
        table.add_column(header, justify="right")
    table.add_column("No place", overflow="fold")
    shown_day: date | None = None
    for window in quoted:
        day = window.window.earliest.astimezone(zone).date()
        if day != shown_day:
            table.add_section()
            table.add_row(plain(short_date(day), "bold"))
        shown_day = day
        table.add_row(*_cells(window, zone, day))
    return table


def _cells(quoted: QuotedWindow, zone: ZoneInfo, day: date) -> Iterator[Text]:
    """Lay out one window."""
    yield plain(window_words(quoted.window, zone, day))
    if quoted.slots:
        best = quoted.slots[0]
        yield plain(money_words(best.cost))
        yield plain(best.technician_id)
        yield plain("" if quoted.kept_permille is None else f"{quoted.kept_permille / 10:.0f} %")
        yield plain(clock(best.start, zone, day))
        yield plain(duration_words(best.slack))
        yield plain(duration_words(best.extra_travel))
        yield plain(str(len(quoted.slots) - 1) if len(quoted.slots) > 1 else "")
    else:
        yield from (Text("") for _ in range(7))
    reasons = [f"{REFUSAL_WORDS[reason]}: {quoted.refusals[reason]}" for reason in Refusal if reason in quoted.refusals]
    yield plain(", ".join(reasons) if reasons or quoted.slots else "nobody is at work", "dim" if quoted.slots else "")


def _document(quoted: QuotedWindow, zone: ZoneInfo) -> dict[str, object]:
    """Write one window with all its slots as JSON values."""
    return {
        "earliest": quoted.window.earliest.astimezone(zone).isoformat(),
        "latest": quoted.window.latest.astimezone(zone).isoformat(),
        "slots": [
            {
                "technician_id": slot.technician_id,
                "shift_id": slot.shift_id,
                "position": slot.position,
                "cost_cents": slot.cost,
                "start": slot.start.astimezone(zone).isoformat(),
                "finish": slot.finish.astimezone(zone).isoformat(),
                "slack_s": slot.slack // timedelta(seconds=1),
                "extra_travel_s": slot.extra_travel // timedelta(seconds=1),
            }
            for slot in quoted.slots
        ],
        "kept_permille": quoted.kept_permille,
        "refusals": {reason.value: quoted.refusals[reason] for reason in Refusal if reason in quoted.refusals},
    }
