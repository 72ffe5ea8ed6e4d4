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
from fieldops.domain.plan import Plan, Repair, Route
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
    """
    Show a plan.

    Key figures, costs, routes, and the visits left out with the reasons and what would help.
    """
    made = load_plan(plan_path)
    zone, console = ZoneInfo(made.time_zone), out()
    if technician is not None:
        _show_technician(console, made, technician, zone)
        return
    console.print(plain(made.problem_name, "bold"), plain(made.time_zone, "dim"), soft_wrap=True)
    tables = [_figures(made), _costs(made)]
    if made.routes:
        tables.append(_routes(made, zone))
    if made.unassigned:
        tables.append(_left_out(made))
    for table in tables:
        console.print()
        console.print(table)


def _show_technician(console: Console, made: Plan, technician: str, zone: ZoneInfo) -> None:
    """Show every stop of every route of one technician."""
    routes = [route for route in made.routes if route.technician_id == technician]
    if not routes:
        known = ", ".join(dict.fromkeys(route.technician_id for route in made.routes))
        raise InvalidInput([wrong("--technician", technician, f"somebody with a route: {known}")])
    for route in sorted(routes, key=lambda route: route.departure):
        console.print(day_table(route, zone))


def _table(title: str, *columns: str) -> Table:
    """Make a table; a column whose name ends with ``>`` is for numbers."""
    table = Table(
        title=Text(title, style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 1, 0, 0),
    )
    for column in columns:
        name = column.removesuffix(">")
        table.add_column(name, justify="left" if name == column else "right", overflow="fold")
    return table


def _list(title: str, *columns: str) -> Table:
    """Make a table without a header."""
    table = _table(title, *columns)
    table.show_header, table.box, table.padding = False, None, (0, 2, 0, 0)
    return table


def _figures(made: Plan) -> Table:
    """Lay out the key figures; those to worry about stand out."""
    table = _list("Key figures", "", ">", "")
    for tile in tiles_of(made):
        table.add_row(plain(tile.label), plain(tile.value, "bold yellow" if tile.alert else "bold"), plain(tile.note))
    return table


def _costs(made: Plan) -> Table:
    """Lay out the terms that cost something, and the total."""
    table = _list("Cost", "", ">")
    for line in cost_lines(made):
        table.add_row(plain(line.label), plain(line.amount))
    table.add_row(plain("Total", "bold"), plain(money_words(made.total_cost), "bold"))
    return table


def _routes(made: Plan, zone: ZoneInfo) -> Table:
    """Lay out a line per route, by day."""
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
    """Return the local date on which a route departs."""
    return route.departure.astimezone(zone).date()


def _route_cells(route: Route, day: date, zone: ZoneInfo) -> list[Text]:
    """Say one route in the cells of its line."""
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
    """Lay out the visits on no route."""
    table = _table("Left out", "Visit", "Why", "What would help")
    for left in made.unassigned:
        why = "; ".join(REASON_WORDS[reason] for reason in left.reasons) or "There is room for it: search longer"
        cells = (left.visit_id, f"{KIND_WORDS[left.kind]}: {why}", _help(left.repair))
        table.add_row(*(plain(cell) for cell in cells))
    return table


def _help(repair: Repair | None) -> str:
    """Say what would get a visit served, and what that costs."""
    if repair is None:
        return "nothing that was tried"
    comparison = "more" if repair.cost >= 0 else "less"
    return f"{repair.description}, {money_words(abs(repair.cost))} {comparison} than leaving it out"
