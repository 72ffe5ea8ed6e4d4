"""A benchmark in one table: per class of instances, how far from the reference and whether anything was infeasible."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.table import Table

from fieldops.bench.rows import Outcome

ALL: Final = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """
    What the rows of one class say together.

    Attributes
    ----------
    runs, infeasible
        Rows, and those among them that are not feasible.
    mean_gap_pct, worst_gap_pct
        Over the feasible rows that have a reference; None when there is none.
    mean_cost, mean_served_priority, mean_cpu_s
        Over the feasible rows; None when there is none (or no priorities).
    """

    group: str
    instances: int
    runs: int
    infeasible: int
    mean_gap_pct: float | None
    worst_gap_pct: float | None
    mean_cost: float | None
    mean_served_priority: float | None
    mean_cpu_s: float | None


def summarize(outcomes: Sequence[Outcome]) -> list[Summary]:
    """Sum up per class, in the order the classes were first run, and over all of them when there are several."""
    groups = list(dict.fromkeys(outcome.group for outcome in outcomes))
    summaries = [_summary(group, [one for one in outcomes if one.group == group]) for group in groups]
    if len(groups) > 1:
        summaries.append(_summary(ALL, outcomes))
    return summaries


def _summary(group: str, outcomes: Sequence[Outcome]) -> Summary:
    rows = [outcome.row for outcome in outcomes]
    feasible = [row for row in rows if row.feasible]
    gaps = [row.gap_pct for row in feasible if row.gap_pct is not None]
    return Summary(
        group=group,
        instances=len({row.instance for row in rows}),
        runs=len(rows),
        infeasible=len(rows) - len(feasible),
        mean_gap_pct=_mean(gaps),
        worst_gap_pct=max(gaps, default=None),
        mean_cost=_mean(row.cost for row in feasible),
        mean_served_priority=_mean(row.served_priority for row in feasible),
        mean_cpu_s=_mean(row.cpu_s for row in feasible),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _columns(summaries: Sequence[Summary], cost_header: str) -> dict[str, list[str]]:
    """Lay out header to cells; served priority only where there are priorities."""
    priorities = [one.mean_served_priority for one in summaries]
    if all(priority is None for priority in priorities):
        served = {}
    else:
        served = {"mean served priority": [_text(priority, ",.1f") for priority in priorities]}
    return {
        "class": [one.group for one in summaries],
        "instances": [str(one.instances) for one in summaries],
        "runs": [str(one.runs) for one in summaries],
        "mean gap %": [_text(one.mean_gap_pct, "+.2f") for one in summaries],
        "worst gap %": [_text(one.worst_gap_pct, "+.2f") for one in summaries],
        **served,
        f"mean {cost_header}": [_text(one.mean_cost, ",.1f") for one in summaries],
        "mean CPU s": [_text(one.mean_cpu_s, ".1f") for one in summaries],
        "infeasible": [str(one.infeasible) for one in summaries],
    }


def _text(value: float | None, pattern: str) -> str:
    return "-" if value is None else format(value, pattern)


def summary_table(summaries: Sequence[Summary], *, title: str, cost_header: str) -> Table:
    """Lay the summaries out for the terminal."""
    table = Table(title=title)
    columns = _columns(summaries, cost_header)
    for position, header in enumerate(columns):
        table.add_column(header, justify="left" if position == 0 else "right")
    for summary, cells in zip(summaries, zip(*columns.values(), strict=True), strict=True):
        style = "red" if summary.infeasible else "bold" if summary.group == ALL else ""
        table.add_row(*cells, style=style)
    return table


def summary_markdown(summaries: Sequence[Summary], *, title: str, cost_header: str, facts: Mapping[str, str]) -> str:
    """Write the summaries as a Markdown section, with what they were measured on."""
    columns = _columns(summaries, cost_header)
    lines = [
        f"### {title}",
        "",
        ", ".join(f"{name} {value}" for name, value in facts.items()),
        "",
        f"| {' | '.join(columns)} |",
        f"|---|{'---:|' * (len(columns) - 1)}",
        *(f"| {' | '.join(cells)} |" for cells in zip(*columns.values(), strict=True)),
    ]
    return "\n".join(lines) + "\n"
