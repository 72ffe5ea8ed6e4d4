"""``fieldops whatif``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from fieldops.cli.console import out, plain
from fieldops.cli.guard import ANSWER_IS_BAD
from fieldops.cli.quoting import REFUSAL_WORDS
from fieldops.domain.edits import Duration, Edit, Lock, Move, Swap, Unassign
from fieldops.domain.problem import Problem
from fieldops.errors import Fault, InvalidInput
from fieldops.files.live_json import load_live
from fieldops.files.plan_json import load_plan
from fieldops.files.problem_json import load_problem
from fieldops.report.wording import clock, cost_words, count_words, duration_words, excess_words, money_words
from fieldops.solver import Refusal
from fieldops.travel.provider import TravelMatrix
from fieldops.usecases.naming import Naming, naming_of
from fieldops.usecases.rank_places import RankedPlaces, place_words, rank_places
from fieldops.usecases.replan_day import day_left
from fieldops.usecases.running_day import RunningDay, running_day
from fieldops.usecases.translate import to_instance, to_solution
from fieldops.usecases.what_if import RouteChange, WhatIf, what_if
from fieldops.wiring import travel_provider

#: Places listed; the best come first.
_MOST_PLACES: Final = 20
_LONGEST_MINUTES: Final = 20_160


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    """What is asked about: a whole day, or what is left of one."""

    problem: Problem
    travel: TravelMatrix
    orders: Mapping[str, Sequence[str]]
    day: date

    @property
    def zone(self) -> ZoneInfo:
        """The problem's time zone."""
        return ZoneInfo(self.problem.time_zone)


def whatif(
    problem_path: Annotated[Path, typer.Argument(metavar="PROBLEM", help="Problem document (JSON).")],
    plan_path: Annotated[Path, typer.Argument(metavar="PLAN", help="Plan document (JSON).")],
    move: Annotated[
        str | None, typer.Option(metavar="VISIT=SHIFT[:N]", help="Move a visit behind N others; best place without N.")
    ] = None,
    swap: Annotated[str | None, typer.Option(metavar="VISIT,VISIT", help="Let two visits change places.")] = None,
    unassign: Annotated[str | None, typer.Option(metavar="VISIT", help="Take a visit off its route.")] = None,
    duration: Annotated[
        str | None, typer.Option(metavar="VISIT=MINUTES", help="Let a visit take another time on site.")
    ] = None,
    lock: Annotated[
        str | None, typer.Option(metavar="VISIT", help="Fix technician and start of a visit as planned.")
    ] = None,
    rank: Annotated[str | None, typer.Option(metavar="VISIT", help="Rank all places of a visit.")] = None,
    live_path: Annotated[
        Path | None, typer.Option("--live", metavar="LIVE.json", help="Ask about what is left of a day under way.")
    ] = None,
) -> None:
    """
    Try a change of a plan out, exactly; nothing is written.

    Shows what it costs and every rule it breaks; the exit code is 1 when it breaks one that was not broken before, or
    when a visit that is ranked has no place.
    """
    options = {
        "--move": move,
        "--swap": swap,
        "--unassign": unassign,
        "--duration": duration,
        "--lock": lock,
        "--rank": rank,
    }
    given = {option: text for option, text in options.items() if text is not None}
    if len(given) != 1:
        found = ", ".join(given) or "nothing"
        raise InvalidInput([Fault(path="options", found=found, expected=f"one of {', '.join(options)}")])
    problem, plan = load_problem(problem_path), load_plan(plan_path)
    provider = travel_provider(problem.travel, base_dir=problem_path.parent)
    if live_path is None:
        travel = provider.matrix(problem.places)
        to_solution(to_instance(problem, travel), plan)
        orders = {route.shift_id: tuple(stop.visit_id for stop in route.stops) for route in plan.routes}
        asked = _Asked(problem=problem, travel=travel, orders=orders, day=problem.first_date)
    else:
        live = load_live(live_path, problem)
        left = day_left(problem, plan, provider, live)
        day = live.now.astimezone(ZoneInfo(problem.time_zone)).date()
        asked = _Asked(problem=left.remaining.problem, travel=left.travel, orders=left.remaining.orders, day=day)
    if rank is not None:
        is_good = _show_places(out(), asked, rank)
    else:
        ((option, text),) = given.items()
        is_good = _show_change(
            out(), asked, what_if(asked.problem, asked.travel, asked.orders, _edit(option, text, asked))
        )
    if not is_good:
        raise typer.Exit(ANSWER_IS_BAD)


def _edit(option: str, text: str, asked: _Asked) -> Edit:
    """Read an edit; whether what it names exists is judged later."""
    match option:
        case "--unassign":
            return Unassign(visit_id=text)
        case "--lock":
            return Lock(visit_id=text, technician=True, start=True)
        case "--swap":
            first, comma, second = text.partition(",")
            if comma and first and second:
                return Swap(visit_id=first, other_visit_id=second)
            raise InvalidInput([Fault(path=option, found=text, expected="two visits, such as V001,V002")])
    visit_id, equals, rest = text.rpartition("=")
    if option == "--duration":
        if equals and visit_id and rest.isascii() and rest.isdigit() and 0 < int(rest) <= _LONGEST_MINUTES:
            return Duration(visit_id=visit_id, duration=timedelta(minutes=int(rest)))
        raise InvalidInput([Fault(path=option, found=text, expected="a visit and whole minutes, such as V001=45")])
    if not (equals and visit_id and rest):
        expected = "a visit and a shift, such as V001=t01-mon or V001=t01-mon:2"
        raise InvalidInput([Fault(path=option, found=text, expected=expected)])
    shift_id, colon, position = rest.rpartition(":")
    if rest not in asked.orders and colon and position.isascii() and position.isdigit():
        return Move(visit_id=visit_id, shift_id=shift_id, position=int(position))
    return Move(visit_id=visit_id, shift_id=rest)


def _show_change(console: Console, asked: _Asked, found: WhatIf) -> bool:
    """Show what an edit would do; tell whether it breaks nothing new."""
    naming = naming_of(found.edited.problem)
    for rule in found.violations:
        known = " (as before)" if rule in found.already_broken else ""
        console.print(
            plain(f"breaks a rule{known}: {rule.sentence}", "yellow" if known else "bold red"), soft_wrap=True
        )
    for line in _promise_lines(found, naming):
        console.print(plain(line), soft_wrap=True)
    for change in found.routes:
        console.print(plain(_route_line(change, naming, asked)), soft_wrap=True)
    terms = [f"{cost_words(term).lower()} {_signed(cents)}" for term, cents in found.cost_change_by_term.items()]
    detail = f" ({', '.join(terms)})" if terms else ""
    console.print(plain(f"cost {_signed(found.cost_change)}{detail}"), soft_wrap=True)
    return found.is_sound


def _promise_lines(found: WhatIf, naming: Naming) -> Iterator[str]:
    """Say what becomes of promises."""
    for change in found.promises:
        what = naming.what(change.visit_id)
        if change.late_after is None:
            yield f"promise not kept: nobody comes to {what}"
        elif change.late_after:
            yield f"promise not kept: {what} is {excess_words(change.late_after)} late"
        else:
            yield f"promise kept again: {what}"
    for visit_id in found.at_risk:
        yield f"promise at risk: {naming.what(visit_id)} has less than 15 min to spare"


def _route_line(change: RouteChange, naming: Naming, asked: _Asked) -> str:
    """Say what a route is like before and after."""

    def words(visits: int, travel: timedelta, overtime: timedelta) -> str:
        late = f", {excess_words(overtime)} overtime" if overtime else ""
        return f"{count_words(visits, 'visit')}, {duration_words(travel)} driving{late}"

    sides = []
    for route in (change.before, change.after):
        if route is None:
            sides.append("nothing to do")
        else:
            back = clock(route.end, asked.zone, asked.day)
            sides.append(f"{words(len(route.stops), route.travel, route.overtime)}, until {back}")
    return f"{naming.who(change.technician_id)} ({change.shift_id}): {' -> '.join(sides)}"


def _show_places(console: Console, asked: _Asked, visit_id: str) -> bool:
    """Show all places of a visit; tell whether there is one."""
    day = running_day(asked.problem, asked.travel, asked.orders)
    ranked = rank_places(day, visit_id)
    name = next(visit.name for visit in asked.problem.visits if visit.id == visit_id)
    console.print(_places_table(day, ranked, f"{visit_id}, {name}" if name else visit_id))
    if len(ranked.places) > _MOST_PLACES:
        console.print(plain(f"and {len(ranked.places) - _MOST_PLACES} more"), soft_wrap=True)
    counts = {reason: sum(place.reason is reason for place in ranked.without) for reason in Refusal}
    reasons = [f"{REFUSAL_WORDS[reason]}: {count}" for reason, count in counts.items() if count]
    if reasons:
        console.print(plain(f"no place: {', '.join(reasons)}"), soft_wrap=True)
    return bool(ranked.places)


def _places_table(day: RunningDay, ranked: RankedPlaces, title: str) -> Table:
    """Lay out a line per shift."""
    table = Table(
        title=plain(title, "bold"), title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column("Cost", justify="right")
    table.add_column("Shift", overflow="fold")
    table.add_column("Position", justify="right")
    table.add_column("Place", overflow="fold")
    for place in ranked.places[:_MOST_PLACES]:
        words = place_words(day, place, ranked.visit_id)
        cells = (_signed(place.cost_change), place.shift_id, str(place.position), words)
        table.add_row(*(plain(cell) for cell in cells))
    return table


def _signed(cents: int) -> str:
    """Say an amount more or less."""
    return f"+{money_words(cents)}" if cents > 0 else money_words(cents)
