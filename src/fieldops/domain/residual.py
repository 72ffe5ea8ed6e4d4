"""What is left of something uncertain: of what has been going on for a while, and of what may pass a bound."""

import math
from statistics import NormalDist
from typing import Final

_NORMAL: Final = NormalDist()
#: Chances below this are not computed with any more.
_TINY: Final = 1e-6
#: Something that has taken longer than almost ever goes on for this part of it.
_ON: Final = 0.1


def total_given(elapsed: float, mean: float, spread: float) -> tuple[float, float]:
    """
    Expect how long something takes in all, given how long it has taken already.

    Parameters
    ----------
    elapsed, mean
        In one unit; `mean` is what was expected before it began.
    spread
        Standard deviation of the logarithm.

    Returns
    -------
    tuple[float, float]
        Mean and standard deviation of the total under the condition that it is more than `elapsed`.

    Notes
    -----
    For X = mean exp(spread Z - spread ** 2 / 2) with Z standard normal, the partial moments are normal probabilities:
    E[X ** k; X > x] = mean ** k exp(spread ** 2 k (k - 1) / 2) P(Z > z - k spread) with z where X = x.
    """
    if spread <= 0 or mean <= 0:
        return max(mean, elapsed), 0.0
    if elapsed <= 0:
        return mean, mean * math.sqrt(math.expm1(spread**2))
    bound = (math.log(elapsed / mean) + spread**2 / 2) / spread
    chance = _NORMAL.cdf(-bound)
    if chance < _TINY:
        return elapsed * (1 + _ON), elapsed * _ON
    first = mean * _NORMAL.cdf(spread - bound) / chance
    second = mean**2 * math.exp(spread**2) * _NORMAL.cdf(2 * spread - bound) / chance
    return max(first, elapsed), math.sqrt(max(0.0, second - first**2))


def excess(mean: float, spread: float, bound: float) -> tuple[float, float]:
    """
    Expect by how much something passes a bound, where staying below it makes no difference.

    Parameters
    ----------
    mean, spread, bound
        In one unit; the distribution is normal with this standard deviation.

    Returns
    -------
    tuple[float, float]
        Mean and standard deviation of max(0, X - bound).
    """
    far = mean - bound
    if spread <= 0:
        return max(far, 0.0), 0.0
    chance, density = _NORMAL.cdf(far / spread), _NORMAL.pdf(far / spread)
    first = far * chance + spread * density
    second = (far**2 + spread**2) * chance + far * spread * density
    return first, math.sqrt(max(0.0, second - first**2))
