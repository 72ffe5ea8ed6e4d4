"""What a running solve tells about itself."""

from dataclasses import dataclass

from fieldops.units import CostUnits


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """
    The state of a running solve.

    Attributes
    ----------
    seconds
        Wall-clock time since the start.
    iterations
        Of all threads together.
    cost
        Exact cost of the best plan so far.
    unassigned
        Visits it leaves out.
    """

    seconds: float
    iterations: int
    cost: CostUnits
    unassigned: int

    @property
    def iterations_per_second(self) -> float:
        """Speed since the start."""
        return self.iterations / self.seconds if self.seconds > 0 else 0.0
