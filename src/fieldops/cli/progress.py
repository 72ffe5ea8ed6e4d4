"""What a search looks like while it runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from fieldops.report.wording import money_words
from fieldops.solver import Progress
from fieldops.units import to_cents

#: Seconds between lines where nobody watches a terminal.
_LINE_EVERY_S = 5.0

OnProgress = Callable[[Progress], None]


@contextmanager
def shown_progress(
    console: Console, *, seconds: float | None, iterations: int | None, threads: int
) -> Iterator[OnProgress]:
    """
    Show a search: a live line on a terminal; elsewhere a line when it starts and one every few seconds.

    Parameters
    ----------
    seconds, iterations
        The budget; iterations are those of each thread.
    """

    def done(progress: Progress) -> float:
        by_time = progress.seconds / seconds if seconds else 0.0
        by_count = progress.iterations / (iterations * threads) if iterations else 0.0
        return min(1.0, max(by_time, by_count))

    if not console.is_terminal:
        yield _line_printer(console)
        return
    with Bar(
        TextColumn("planning"), BarColumn(20), TextColumn("{task.description}"), console=console, transient=True
    ) as bar:
        task = bar.add_task("building a first plan", total=1.0)
        yield lambda progress: bar.update(task, completed=done(progress), description=progress_words(progress))


def progress_words(progress: Progress) -> str:
    """Say where a search stands."""
    return (
        f"{progress.seconds:.1f} s  cost {money_words(to_cents(progress.cost))}  {progress.unassigned:,} unassigned"
        f"  {progress.iterations_per_second:,.0f} iterations/s"
    )


def _line_printer(console: Console) -> OnProgress:
    """Return what prints a line at the first call and then every few seconds."""
    due_s = 0.0

    def show(progress: Progress) -> None:
        nonlocal due_s
        if progress.seconds >= due_s:
            due_s = progress.seconds + _LINE_EVERY_S
            console.print(progress_words(progress), soft_wrap=True)

    return show
