"""Between a running solve and its job: progress out, wishes in, a few times a second."""

import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from fieldops.errors import DatabaseBusy
from fieldops.solver.progress import Progress
from fieldops.store.tables import PlanJobRow
from fieldops.units import to_cents
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.work import Work, transact

#: Least pause between two looks at the job, seconds.
LOOK_EVERY_S: Final = 0.5


class Watch:
    """
    Writes down how a solve is doing, and finds out whether anybody wants it to end.

    Attributes
    ----------
    run
        Under which name the job was claimed.
    is_canceled
        A person has called the job off.
    is_lost
        Another process has begun the job since: this one was taken for ended.
    """

    def __init__(self, ctx: Context, plan_job_id: str, run: str, stops_worker: Callable[[], bool]) -> None:
        self.run = run
        self.is_canceled = False
        self.is_lost = False
        self._ctx = ctx
        self._plan_job_id = plan_job_id
        self._stops_worker = stops_worker
        self._looked_at = -LOOK_EVERY_S

    @property
    def should_put_back(self) -> bool:
        """Whether the process ends."""
        return self._stops_worker()

    def should_stop(self) -> bool:
        """Whether the search should end."""
        return self.is_canceled or self.is_lost or self._stops_worker()

    def on_progress(self, progress: Progress) -> None:
        """Write down the best plan so far; a database that does not answer now is asked again a little later."""
        if time.monotonic() - self._looked_at < LOOK_EVERY_S:
            return
        try:
            transact(self._ctx, SYSTEM, self._look, progress)
        except (DBAPIError, DatabaseBusy):
            pass
        finally:
            self._looked_at = time.monotonic()

    def _look(self, work: Work, progress: Progress) -> None:
        figures = {
            "elapsed_s": round(progress.seconds, 1),
            "iterations": progress.iterations,
            "cost_cents": int(to_cents(progress.cost)),
            "unassigned": progress.unassigned,
        }
        mine = (PlanJobRow.id == self._plan_job_id) & (PlanJobRow.run_id == self.run)
        written = work.session.execute(update(PlanJobRow).where(mine).values(progress=figures))
        self.is_lost = written.rowcount == 0  # type: ignore[attr-defined]
        self.is_canceled = bool(work.session.scalar(select(PlanJobRow.cancel_requested).where(mine)))
