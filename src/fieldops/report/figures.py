"""The figures at the top of the report: what the plan achieves, what it costs, how it was found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from fieldops.domain.plan import Plan, Route
from fieldops.domain.problem import Problem
from fieldops.report.wording import (
    COST_WORDS,
    TERMINATION_WORDS,
    cost_words,
    count_words,
    distance_words,
    duration_words,
    excess_words,
    long_date,
    money_words,
    percent_words,
    short_date,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """
    One key figure.

    Attributes
    ----------
    alert
        ``late``, ``overtime``, ``unassigned``, or empty when there is nothing to look at.
    """

    label: str
    value: str
    note: str
    alert: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """
    One term of the cost.

    Attributes
    ----------
    share
        Of the total, percent.
    """

    term: str
    label: str
    amount: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A named figure."""

    label: str
    value: str


def tiles_of(plan: Plan) -> tuple[Tile, ...]:
    """Return the key figures of a plan."""
    kpis = plan.kpis
    broken = kpis.promises - kpis.promises_kept
    return (
        Tile(
            label="Visits served",
            value=f"{kpis.assigned:,} of {kpis.visits:,}",
            note=_left_out(plan),
            alert="unassigned" if kpis.unassigned else "",
        ),
        Tile(
            label="Served priority",
            value=f"{kpis.served_priority:,} of {kpis.total_priority:,}",
            note=f"{percent_words(_share(kpis.served_priority, kpis.total_priority))} of the total",
        ),
        Tile(
            label="On-time rate",
            value=percent_words(_share(kpis.promises_kept, kpis.promises)) if kpis.promises else "none",
            note=f"{kpis.promises_kept:,} of {kpis.promises:,} kept" if kpis.promises else "nothing was promised",
            alert="late" if broken else "",
        ),
        Tile(
            label="Travel",
            value=duration_words(kpis.travel),
            note=f"{percent_words(kpis.travel_share)} of work time",
        ),
        Tile(
            label="Utilization",
            value=percent_words(kpis.utilization),
            note=f"{duration_words(kpis.on_site)} on site",
        ),
        Tile(
            label="Overtime",
            value=duration_words(kpis.overtime),
            note=_running_over(plan) if kpis.overtime else "nobody works late",
            alert="overtime" if kpis.overtime else "",
        ),
        Tile(
            label="Distance",
            value=distance_words(kpis.distance),
            note=f"{distance_words(round(kpis.distance / max(kpis.assigned, 1)))} a visit",
        ),
        Tile(
            label="Shifts used",
            value=f"{kpis.shifts_used:,} of {kpis.shifts:,}",
            note=f"{kpis.visits_per_shift:.1f} visits each",
        ),
        Tile(
            label="Total cost",
            value=money_words(plan.total_cost),
            note=f"{money_words(round(plan.total_cost / max(kpis.visits, 1)))} a visit",
        ),
    )


def cost_lines(plan: Plan) -> tuple[CostLine, ...]:
    """Return the terms that cost something, in the order of `COST_WORDS`."""
    ranks = {term: rank for rank, term in enumerate(COST_WORDS)}
    total = plan.total_cost
    return tuple(
        CostLine(
            term=term if term in ranks else "other",
            label=cost_words(term),
            amount=money_words(cents),
            share=round(100 * cents / total, 2) if total > 0 else 0.0,
        )
        for term, cents in sorted(plan.cost.items(), key=lambda entry: ranks.get(entry[0], len(ranks)))
        if cents
    )


def search_facts(plan: Plan) -> tuple[Fact, ...]:
    """Return how the plan was found."""
    search = plan.search
    rate = f" ({search.iterations / search.seconds:,.0f} a second)" if search.seconds > 0 else ""
    facts = [
        Fact(label="Searched for", value=f"{search.seconds:.1f} s on {count_words(search.threads, 'thread')}"),
        Fact(label="Iterations", value=f"{search.iterations:,}{rate}"),
        Fact(label="First plan after", value=f"{search.first_plan_s:.2f} s"),
        Fact(label="Seed", value=str(search.seed)),
        Fact(label="Stopped", value=TERMINATION_WORDS.get(search.termination, search.termination.replace("_", " "))),
    ]
    if search.recombinations:
        pool = f"{count_words(search.recombinations, 'time')} from {count_words(search.pool_size, 'route')}"
        facts.append(Fact(label="Recombination", value=f"saved {money_words(search.recombination_gain)} ({pool})"))
    else:
        facts.append(Fact(label="Recombination", value="none"))
    return tuple(facts)


def summary_of(plan: Plan) -> str:
    """Return the plan in two or three short sentences."""
    kpis = plan.kpis
    served = "1 visit is" if kpis.assigned == 1 else f"{kpis.assigned:,} visits are"
    sentences = [f"{served} served on {count_words(kpis.shifts_used, 'shift')}."]
    if kpis.promises:
        sentences.append(_promises(plan))
    if kpis.unassigned:
        sentences.append(f"{_left_out(plan).capitalize()}.")
    return " ".join(sentences)


def dates_of(problem: Problem) -> str:
    """Return the horizon's dates."""
    if problem.num_days == 1:
        return long_date(problem.first_date)
    last = problem.first_date + timedelta(days=problem.num_days - 1)
    return f"{short_date(problem.first_date)} to {short_date(last)}, {last.year}"


def day_facts(routes: Iterable[Route]) -> str:
    """Return what a day's routes come to."""
    shown = list(routes)
    num_visits = sum(len(route.stops) for route in shown)
    num_late = sum(1 for route in shown for stop in route.stops if stop.lateness)
    parts = [
        count_words(num_visits, "visit"),
        count_words(len(shown), "route"),
        distance_words(sum(route.distance for route in shown)),
    ]
    if num_late:
        parts.append(f"{num_late} late")
    overtime = sum((route.overtime for route in shown), timedelta(0))
    if overtime:
        parts.append(f"{duration_words(overtime)} overtime")
    return " · ".join(parts)


def _left_out(plan: Plan) -> str:
    """Say how many visits are on no route."""
    kpis = plan.kpis
    if not kpis.unassigned:
        return "none left out"
    mandatory = f", {kpis.mandatory_unassigned} of them mandatory" if kpis.mandatory_unassigned else ""
    return f"{count_words(kpis.unassigned, 'visit')} left out{mandatory}"


def _running_over(plan: Plan) -> str:
    """Say how many shifts have overtime."""
    num_over = sum(1 for route in plan.routes if route.overtime)
    return "1 shift runs over" if num_over == 1 else f"{num_over:,} shifts run over"


def _promises(plan: Plan) -> str:
    """Say in a sentence how the promises fare."""
    kpis = plan.kpis
    if kpis.promises == kpis.promises_kept:
        return f"All {count_words(kpis.promises, 'promise')} are kept." if kpis.promises > 1 else "The promise is kept."
    worst = max((stop.lateness for route in plan.routes for stop in route.stops), default=timedelta(0))
    late = kpis.promises - kpis.promises_kept
    verb, at_worst = ("starts", "by") if late == 1 else ("start", "by up to")
    return f"{count_words(late, 'visit')} {verb} after the promised time, {at_worst} {excess_words(worst)}."


def _share(part: int, whole: int) -> float:
    """Return a part of a whole; all of nothing is 1."""
    return part / whole if whole else 1.0
