"""A worker: the job engine, its heartbeat, and the sweeps, started and stopped together."""

from collections.abc import Sequence

from fieldops.jobs.engine import Engine
from fieldops.jobs.heartbeat import BEAT_S, beat, reap, say_goodbye
from fieldops.jobs.sweeps import Sweep, Sweeper
from fieldops.store.database import Database


class Worker:
    """
    Everything that happens without a request.

    Notes
    -----
    A worker may be killed at any instant: what it had begun is begun again by another one (`heartbeat.reap`), and
    everything it does bears that.
    """

    def __init__(self, database: Database, engine: Engine, sweeps: Sequence[Sweep]) -> None:
        self.engine = engine
        self._database = database
        # The reaper has a loop of its own: it may have to wait for others' locks, a sign of life must not wait for it.
        alive = Sweep(name="heartbeat", every_s=BEAT_S, run=lambda: beat(database, engine.executor_id))
        reaper = Sweep(name="reaper", every_s=BEAT_S, run=lambda: reap(database, engine, engine.executor_id))
        self._heartbeat = Sweeper([alive])
        self._sweeper = Sweeper([reaper, *sweeps])

    def start(self) -> None:
        """Give the first sign of life, then begin to work."""
        beat(self._database, self.engine.executor_id)
        self._heartbeat.start()
        self.engine.start()
        self._sweeper.start()

    def stop(self) -> None:
        """Finish what is quickly finished, put the rest back for others, and say goodbye."""
        self._sweeper.stop()
        self.engine.stop()
        self._heartbeat.stop()
        say_goodbye(self._database, self.engine.executor_id)
