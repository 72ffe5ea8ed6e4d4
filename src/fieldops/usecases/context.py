"""What the world offers to use cases: database, clock, queue, travel times, geocoder, channels."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.orm import Session

from fieldops.domain.problem import TravelSource
from fieldops.messaging.channel import Channel
from fieldops.settings import Settings
from fieldops.store.database import Database
from fieldops.travel.geocoding import Geocoder
from fieldops.travel.provider import TravelProvider

if TYPE_CHECKING:
    from fieldops.usecases.boards import Boards


class Clock(Protocol):
    """Tells the time; tests bring their own."""

    @property
    def speed(self) -> float:
        """How many of its seconds pass in one of ours: 1, but for demonstrations."""
        ...

    def now(self) -> datetime:
        """Give the present instant, aware."""
        ...


class JobQueue(Protocol):
    """Where background work is left; it starts only if the transaction commits, and survives crashes."""

    def enqueue(self, session: Session, job: str, argument: str, *, job_id: str, partition: str | None = None) -> None:
        """
        Leave a job behind, in the caller's transaction.

        Parameters
        ----------
        job
            Name of the job: ``solve`` is the only one left by use cases so far.
        argument
            An id; the job reads everything else itself when it runs.
        job_id
            Two jobs with the same id are one.
        partition
            Jobs of one partition run one after the other.
        """
        ...

    def has_tables(self, database: Database) -> bool:
        """Whether a database has what the queue keeps its jobs in."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """
    What use cases get from the composition root.

    Attributes
    ----------
    travel
        Makes the provider a territory asks for; it answers or gives up soon, for plans are locked meanwhile.
    patient_travel
        The same for solves, which lock nothing and can wait; None = there is no other.
    channels
        By channel name; one that is missing leaves its messages in the outbox.
    boards
        Running plans in memory, ready for quotes.
    """

    database: Database
    clock: Clock
    jobs: JobQueue
    settings: Settings
    travel: Callable[[TravelSource], TravelProvider]
    geocoder: Geocoder
    boards: "Boards"
    channels: Mapping[str, Channel] = field(default_factory=dict)
    patient_travel: Callable[[TravelSource], TravelProvider] | None = None
