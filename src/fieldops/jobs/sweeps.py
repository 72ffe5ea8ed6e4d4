"""What a worker does every few seconds: plain loops, each on a thread of its own."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

#: Longest pause after failures, seconds.
LONGEST_PAUSE_S: Final = 60.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """
    Something to be done again and again.

    Attributes
    ----------
    every_s
        Pause between two runs; twice as long after each failure, up to a minute (or up to the pause itself, when that
        is longer).
    run
        Finds out by itself what there is to do; running it twice, or in two workers at once, does no harm.
    """

    name: str
    every_s: float
    run: Callable[[], object]


class Sweeper:
    """Runs sweeps until it is stopped; a failure is logged and never ends a loop."""

    def __init__(self, sweeps: Sequence[Sweep]) -> None:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._loop, args=(sweep,), name=f"sweep-{sweep.name}", daemon=True)
            for sweep in sweeps
        ]

    def start(self) -> None:
        """Begin; every sweep runs at once for the first time."""
        for thread in self._threads:
            thread.start()

    def stop(self, *, within_s: float = 20.0) -> None:
        """Begin no further run, and wait for those under way."""
        self._stop.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(within_s)

    def _loop(self, sweep: Sweep) -> None:
        pause = 0.0
        while not self._stop.wait(pause):
            try:
                sweep.run()
            except Exception as error:
                pause = min(max(2 * pause, sweep.every_s), max(LONGEST_PAUSE_S, sweep.every_s))
                log.warning("sweep.failed", sweep=sweep.name, error=repr(error), next_try_s=pause)
            else:
                pause = sweep.every_s
