"""``fieldops show``."""

from datetime import date
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fieldops.cli.console import out, plain
from fieldops.cli.day_table import day_table
from fieldops.domain.plan import Plan, Route
from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput
from fieldops.files.plan_json import load_plan
from fieldops.report.figures import cost_lines, tiles_of
from fieldops.report.wording import (
    KIND_WORDS,
    REASON_WORDS,
    clock,
    distance_words,
    duration_words,
    excess_words,
    money_words,
    short_date,
)


def show(
    plan_path: Annotated[Path, typer.Argument(metavar="PLAN", help="Plan document (JSON).")],
    technician: Annotated[
        str | None, typer.Option(metavar="ID", help="Show every stop of this technician instead.")
    ] = None,
) -> None:
    """Show a plan: key figures, costs, routes, and the visits left out with the reasons."""
    made = load_plan(plan_path)
    zone, console = ZoneInfo(made.time_zone), out()
    if technician is not None:
        _show_technician(console, made, technician, zone)
        return
    console.print(plain(made.problem_name, "bold"), plain(made.time_zone, "dim"), soft_wrap=True)
    console.print(_figures(made))
    console.print(_costs(made))
    if made.routes:
        console.print(_routes(made, zone))
    if made.unassigned:
        console.print(_left_out(made))


def _show_technician(console: Console, made: Plan, technician: str, zone: ZoneInfo) -> None:
    routes = [route for route in made.routes if route.technician_id == technician]
    if not routes:
        known = ", ".join(dict.fromkeys(route.technician_id for route in made.routes))
        raise InvalidInput([wrong("--technician", technician, f"somebody with a route: {known}")])
    for route in sorted(routes, key=lambda route: route.departure):
        console.print(day_table(route, zone))


def _table(title: str, *columns: str) -> Table:
    """Make a table; a column whose name ends with ``>`` is for numbers."""
    table = Table(title=Text(title, style="bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        name = column.removesuffix(">")
        table.add_column(name, justify="left" if name == column else "right", overflow="fold")
    return table


def _figures(made: Plan) -> Table:
    table = _table("Key figures", "", ">", "")
    table.show_header = False
    for tile in tiles_of(made):
        table.add_row(plain(tile.label), plain(tile.value, "bold yellow" if tile.alert else "bold"), plain(tile.note))
    return table


def _costs(made: Plan) -> Table:
    table = _table("Cost", "", ">")
    table.show_header = False
    for line in cost_lines(made):
        table.add_row(plain(line.label), plain(line.amount))
    table.add_row(plain("Total", "bold"), plain(money_words(made.total_cost), "bold"))
    return table


def _routes(made: Plan, zone: ZoneInfo) -> Table:
    columns = ("Technician", "Leaves", "Back", "Visits>", "Travel>", "Distance>", "Wait>", "Overtime>", "Late>")
    table = _table("Routes", *columns)
    shown_day: date | None = None
    several = len({_day(route, zone) for route in made.routes}) > 1
    for route in sorted(made.routes, key=lambda route: _day(route, zone)):
        day = _day(route, zone)
        if several and day != shown_day:
            table.add_section()
            table.add_row(plain(short_date(day), "bold"))
        shown_day = day
        table.add_row(*_route_cells(route, day, zone))
    return table


def _day(route: Route, zone: ZoneInfo) -> date:
    return route.departure.astimezone(zone).date()


def _route_cells(route: Route, day: date, zone: ZoneInfo) -> list[Text]:
    late = [stop for stop in route.stops if stop.lateness]
    wait = sum((stop.wait for stop in route.stops), start=route.overtime * 0)
    return [
        plain(route.technician_id),
        plain(clock(route.departure, zone, day)),
        plain(clock(route.end, zone, day)),
        plain(str(len(route.stops))),
        plain(duration_words(route.travel)),
        plain(distance_words(route.distance)),
        plain(duration_words(wait) if wait else ""),
        plain(excess_words(route.overtime) if route.overtime else "", "yellow"),
        plain(str(len(late)) if late else "", "red"),
    ]


def _left_out(made: Plan) -> Table:
    table = _table("Left out", "Visit", "Why", "What would help", "Cost of that>")
    for left in made.unassigned:
        why = [KIND_WORDS[left.kind], *(REASON_WORDS[reason] for reason in left.reasons)]
        repair, cost = (
            ("", "") if left.repair is None else (left.repair.description, f"{money_words(left.repair.cost)}")
        )
        table.add_row(plain(left.visit_id), plain(": ".join([why[0], "; ".join(why[1:])])), plain(repair), plain(cost))
    return table
