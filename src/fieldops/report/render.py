"""Writing the report: views in, one self-contained page out."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from fieldops.domain.plan import Plan
from fieldops.domain.problem import Problem
from fieldops.report.alerts import Alert, alerts_of
from fieldops.report.figures import cost_lines, dates_of, day_facts, search_facts, summary_of, tiles_of
from fieldops.report.leftovers import leftovers_of, shown_on
from fieldops.report.lookup import Day, Lookup, days_of, look_up
from fieldops.report.map import RouteMap, draw_map
from fieldops.report.palette import RouteColor, route_colors
from fieldops.report.routes import RouteTable, break_text, route_table
from fieldops.report.timeline import Timeline, lay_out
from fieldops.report.wording import excess_minutes, long_date, period_words, short_date

_PACKAGE: Final = "fieldops.report"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayView:
    """
    What the page shows of one day.

    Attributes
    ----------
    timeline, map
        None when the day has no route.
    tables
        One per route, in the order of the timeline's rows.
    unused
        Technician and period of every shift without a route.
    """

    date: date
    name: str
    short_name: str
    facts: str
    timeline: Timeline | None
    map: RouteMap | None
    tables: tuple[RouteTable, ...]
    alerts: tuple[Alert, ...]
    unused: tuple[tuple[str, str], ...]


def render_report(problem: Problem, plan: Plan) -> str:
    """
    Render a plan as one self-contained HTML page.

    Parameters
    ----------
    problem
        What was planned; the plan's ids refer to it.
    plan
        What to show.

    Returns
    -------
    str
        The page. It loads nothing from anywhere: styles, script and drawings are inside, and its content security
        policy forbids everything else.

    Raises
    ------
    KeyError
        When the plan names a visit, technician or shift that the problem does not have.
    """
    lookup = look_up(problem)
    days = days_of(plan, lookup)
    script = _asset("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            problem=problem,
            plan=plan,
            lookup=lookup,
            title=plan.problem_name or problem.name,
            dates=dates_of(problem),
            summary=summary_of(plan),
            tiles=tiles_of(plan),
            costs=cost_lines(plan),
            search=search_facts(plan),
            days=[_day_view(day, plan, lookup) for day in days],
            leftovers=leftovers_of(plan, lookup, several_days=problem.num_days > 1),
            colors=_colors(problem),
            style=_asset("report.css"),
            script=script,
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            break_text=break_text,
            excess_minutes=excess_minutes,
        )
    )


def _day_view(day: Day, plan: Plan, lookup: Lookup) -> DayView:
    """Gather what the page shows of one day."""
    return DayView(
        date=day.date,
        name=long_date(day.date),
        short_name=short_date(day.date),
        facts=day_facts(route for _, route in day.routes),
        timeline=lay_out(day, lookup) if day.routes else None,
        map=draw_map(day, shown_on(day, plan, lookup), lookup) if day.routes else None,
        tables=tuple(route_table(route_pos, route, day.date, lookup) for route_pos, route in day.routes),
        alerts=alerts_of(day, lookup),
        unused=tuple(
            (
                lookup.name_of(technician_id),
                period_words(shift.start, shift.end, lookup.zone, day.date),
            )
            for technician_id, shift in day.unused
        ),
    )


def _colors(problem: Problem) -> dict[str, RouteColor]:
    """Return the color of every technician."""
    ids = [technician.id for technician in problem.technicians]
    return dict(zip(ids, route_colors(len(ids)), strict=True))


def _asset(name: str) -> str:
    """Return a file that goes into the page as it is; the browser sees line feeds only, so the hash must too."""
    return (files(_PACKAGE) / name).read_text(encoding="utf-8").replace("\r\n", "\n")


@cache
def _environment() -> Environment:
    """Return the template environment; everything is escaped unless marked as safe."""
    return Environment(
        loader=PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
