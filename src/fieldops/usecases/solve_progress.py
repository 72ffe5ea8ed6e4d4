"""Between a running search and its row in the database: progress out, wishes in, a few times a second."""

import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.exc import DBAPIError

from fieldops.errors import DatabaseBusy
from fieldops.solver.progress import Progress
from fieldops.store.tables import PlanJobRow, ReplanRow
from fieldops.units import to_cents
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.work import Work, transact, view

#: Least pause between two writings of the progress, seconds, and between two looks at what is wished for.
WRITE_EVERY_S: Final = 0.5
LOOK_EVERY_S: Final = 0.25


class Watch:
    """
    Writes down how a search is doing, and finds out whether anybody wants it to end.

    Parameters
    ----------
    row
        What the search is for: a plan job, or a replan.

    Attributes
    ----------
    run
        Under which name the job was claimed.
    is_canceled
        A person has called the job off.
    is_lost
        Another process has begun the job since: this one was taken for ended.
    """

    def __init__(
        self,
        ctx: Context,
        job_id: str,
        run: str,
        stops_worker: Callable[[], bool],
        row: type[PlanJobRow] | type[ReplanRow] = PlanJobRow,
    ) -> None:
        self.run = run
        self.is_canceled = False
        self.is_lost = False
        self._ctx = ctx
        self._row = row
        self._job_id = job_id
        self._stops_worker = stops_worker
        self._written_at = self._looked_at = -WRITE_EVERY_S

    @property
    def should_put_back(self) -> bool:
        """Whether the process ends."""
        return self._stops_worker()

    def should_stop(self) -> bool:
        """Whether the search should end."""
        return self.is_canceled or self.is_lost or self._stops_worker()

    def on_progress(self, progress: Progress) -> None:
        """Write down the best plan so far; a database that does not answer now is asked again a little later."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_EVERY_S:
            return
        try:
            if now - self._written_at < WRITE_EVERY_S:
                view(self._ctx, SYSTEM, self._look)
            else:
                self._written_at = now
                transact(self._ctx, SYSTEM, self._write, progress)
        except (DBAPIError, DatabaseBusy):
            pass
        finally:
            self._looked_at = time.monotonic()

    def _look(self, work: Work) -> None:
        wish = work.session.scalar(select(self._row.cancel_requested).where(self._is_mine()))
        self.is_lost, self.is_canceled = wish is None, bool(wish)

    def _write(self, work: Work, progress: Progress) -> None:
        figures = {
            "elapsed_s": round(progress.seconds, 1),
            "iterations": progress.iterations,
            "cost_cents": int(to_cents(progress.cost)),
            "unassigned": progress.unassigned,
        }
        work.session.execute(update(self._row).where(self._is_mine()).values(progress=figures))
        self._look(work)

    def _is_mine(self) -> ColumnElement[bool]:
        return and_(self._row.id == self._job_id, self._row.run_id == self.run)
