"""Luck that depends on what it is about and on nothing else: two plans of one day meet the same."""

import math
from dataclasses import dataclass
from hashlib import blake2b
from statistics import NormalDist
from typing import Final

_STANDARD: Final = NormalDist()
_STEPS: Final = 2**53


@dataclass(frozen=True, slots=True)
class Luck:
    """
    Random numbers by name (common random numbers).

    Attributes
    ----------
    seed
        Any integer. The same seed and names give the same number, whoever asks, in whatever order.
    """

    seed: int

    def uniform(self, *names: str) -> float:
        """Draw from the open interval (0, 1)."""
        text = "\x1f".join((str(self.seed), *names))
        drawn = int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> 11
        return (drawn + 0.5) / _STEPS

    def happens(self, probability: float, *names: str) -> bool:
        """Tell whether something of this probability happens."""
        return self.uniform(*names) < probability

    def factor(self, sigma: float, *names: str) -> float:
        """Draw a lognormal factor of mean 1; `sigma` is the standard deviation of its logarithm."""
        return math.exp(sigma * _STANDARD.inv_cdf(self.uniform(*names)) - sigma * sigma / 2)

    def waiting(self, mean: float, *names: str) -> float:
        """Draw an exponential waiting time."""
        return -mean * math.log(self.uniform(*names))
