"""
Fitting the geodesic power law to the answers of a provider that knows roads.

The fit is least squares in the logarithms, so it minimizes the *typical factor* between law and roads, and being half
as long counts as much as being twice as long. The more common mean absolute percentage error (MAPE) is reported, but
not minimized: a guess can be too low by 100 % at most, so the smallest MAPE is bought by guessing low, and days planned
on low guesses run late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fieldops.domain.problem import Place, TravelSource
from fieldops.errors import Fault, InvalidInput
from fieldops.travel.geodesic import geodesic_m
from fieldops.travel.provider import BoolArray, FloatArray, TravelProvider

#: Fewest pairs of places a fit is made from.
MIN_PAIRS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """
    How close estimates are to the truth.

    Attributes
    ----------
    typical_factor
        By what factor an estimate is typically off, up or down: ``exp(rms(ln(estimate / truth)))``.
    mape
        Mean of ``|estimate - truth| / truth``.
    total_ratio
        Sum of the estimates over the sum of the truths: below 1, plans are too optimistic.
    """

    typical_factor: float
    mape: float
    total_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLaw:
    """
    ``seconds = coefficient_s x km ** exponent``, with its accuracy on the pairs it was fitted to.

    Attributes
    ----------
    pairs
        Number of pairs used: those with a distance and a duration above 0.
    """

    coefficient_s: float
    exponent: float
    accuracy: Accuracy
    pairs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelFit:
    """
    A fitted travel source, and what it gains.

    Attributes
    ----------
    before, after
        Parameters compared, as a problem file states them.
    places, pairs
        Places asked for, and directed pairs with a distance and a duration above 0.
    duration_before, duration_after, distance_before, distance_after
        Accuracy against the provider on these pairs.
    farthest_snap_m
        The largest distance between a place and its road, None when the provider does not say.
    """

    before: TravelSource
    after: TravelSource
    places: int
    pairs: int
    duration_before: Accuracy
    duration_after: Accuracy
    distance_before: Accuracy
    distance_after: Accuracy
    farthest_snap_m: int | None


def fit_to_provider(places: Sequence[Place], provider: TravelProvider, before: TravelSource) -> TravelFit:
    """
    Fit power law and detour to all directed pairs of places.

    Parameters
    ----------
    before
        The geodesic parameters in use, for comparison.

    Raises
    ------
    InvalidInput
        When too few pairs are usable.
    """
    answer = provider.matrix(places)
    meters = geodesic_m(places)
    is_used = (meters > 0) & (answer.duration_s > 0) & (answer.distance_m > 0)
    crow_m, road_m = meters[is_used], answer.distance_m[is_used].astype(np.float64)
    km, seconds = crow_m / 1_000, answer.duration_s[is_used].astype(np.float64)
    law = fit_power_law(km, seconds)
    detour = fit_detour(crow_m, road_m)
    return TravelFit(
        before=before,
        after=TravelSource(coefficient_s=law.coefficient_s, exponent=law.exponent, detour=detour),
        places=len(places),
        pairs=law.pairs,
        duration_before=accuracy(before.coefficient_s * km**before.exponent, seconds),
        duration_after=law.accuracy,
        distance_before=accuracy(before.detour * crow_m, road_m),
        distance_after=accuracy(detour * crow_m, road_m),
        farthest_snap_m=max((snap for snap in answer.snap_m if snap is not None), default=None),
    )


def fit_power_law(km: FloatArray, seconds: FloatArray) -> PowerLaw:
    """
    Fit ``seconds = coefficient x km ** exponent``.

    Parameters
    ----------
    km, seconds
        Distance and duration per trip, same shape; trips without a distance or a duration above 0 are left out.

    Returns
    -------
    PowerLaw
        Coefficient with one decimal and exponent with three, as one writes them down; the accuracy is theirs.

    Raises
    ------
    InvalidInput
        When fewer than `MIN_PAIRS` trips are left, or all are equally long.

    Notes
    -----
    Least squares of ``log seconds`` over ``log km``: up to the rounding no other parameters have a smaller typical
    factor on these trips, and as factors its errors cancel out.
    """
    is_used = (km > 0) & (seconds > 0)
    km, seconds = km[is_used], seconds[is_used]
    _require_spread(km, is_used)
    log_km, log_seconds = np.log(km), np.log(seconds)
    centered = log_km - log_km.mean()
    exponent = round(float(centered @ log_seconds / (centered @ centered)), 3)
    coefficient_s = round(float(np.exp(log_seconds.mean() - exponent * log_km.mean())), 1)
    fitted = accuracy(coefficient_s * km**exponent, seconds)
    return PowerLaw(coefficient_s=coefficient_s, exponent=exponent, accuracy=fitted, pairs=len(km))


def fit_detour(crow_m: FloatArray, road_m: FloatArray) -> float:
    """Return all road meters over all geodesic meters, two decimals: kilometers are paid for as a sum."""
    return round(float(road_m.sum() / crow_m.sum()), 2)


def accuracy(estimates: FloatArray, truths: FloatArray) -> Accuracy:
    """Compare estimates with truths, all > 0, same shape."""
    log_ratios = np.log(estimates / truths)
    return Accuracy(
        typical_factor=float(np.exp(np.sqrt(np.mean(log_ratios**2)))),
        mape=float(np.mean(np.abs(estimates - truths) / truths)),
        total_ratio=float(estimates.sum() / truths.sum()),
    )


def _require_spread(km: FloatArray, is_used: BoolArray) -> None:
    """Raise `InvalidInput` when no line can be drawn through the trips."""
    if len(km) < MIN_PAIRS:
        found = f"{len(km)} of {is_used.size} pairs with a distance and a duration above 0"
        raise InvalidInput([Fault(path="places", found=found, expected=f"at least {MIN_PAIRS}")])
    if km.max() < 2 * km.min():
        found = f"all distances from {km.min():.3f} to {km.max():.3f} km"
        raise InvalidInput([Fault(path="places", found=found, expected="trips at least twice as long as others")])
