"""Fitting the power law: known laws are found again, and what is promised about errors holds."""

from collections.abc import Sequence

import numpy as np
import pytest

from fieldops.domain.problem import Place, TravelSource
from fieldops.errors import InvalidInput
from fieldops.travel.fit import accuracy, fit_detour, fit_power_law, fit_to_provider
from fieldops.travel.geodesic import GeodesicTravel
from fieldops.travel.provider import TravelMatrix, TravelTable
from fieldops.usecases.fit_travel import fit_travel


def scattered(count: int) -> list[Place]:
    """Places within about 20 km, the same every time."""
    rng = np.random.default_rng(7)
    return [
        Place(id=str(pos), latitude=latitude, longitude=longitude)
        for pos, (latitude, longitude) in enumerate(rng.uniform((39.2, -76.7), (39.4, -76.5), (count, 2)).tolist())
    ]


class Asked:
    """Passes questions on to a geodesic provider and remembers how many places they had."""

    def __init__(self, **parameters: float) -> None:
        """Take the parameters of the power law to answer with."""
        self.travel = GeodesicTravel(**parameters)
        self.places: list[Place] = []

    def matrix(self, places: Sequence[Place]) -> TravelMatrix:
        """Answer as the geodesic provider does."""
        self.places = list(places)
        return self.travel.matrix(places)

    def between(self, origins: Sequence[Place], destinations: Sequence[Place]) -> TravelTable:
        """Answer as the geodesic provider does."""
        return self.travel.between(origins, destinations)


def test_an_exact_law_is_found_again() -> None:
    """Without noise there is only one right answer."""
    km = np.geomspace(0.3, 30, 50)
    law = fit_power_law(km, 225.0 * km**0.61)
    assert (law.coefficient_s, law.exponent, law.pairs) == (225.0, 0.61, 50)
    assert law.accuracy.mape < 1e-9


def test_errors_are_balanced_as_factors() -> None:
    """Half the trips take twice as long as the law and half take half as long: the law stays where it is."""
    km = np.repeat(np.geomspace(1, 16, 9), 2)
    seconds = 100.0 * km**0.8 * np.tile([0.5, 2.0], 9)
    law = fit_power_law(km, seconds)
    assert (law.coefficient_s, law.exponent) == (100.0, 0.8)
    assert law.accuracy.typical_factor == pytest.approx(2.0)
    # Errors of +100 % (law over a half) and -50 % (law over a double), half of the trips each.
    assert law.accuracy.mape == pytest.approx(0.75)
    # Estimates 2 x 100 over truths 50 + 200, at every distance.
    assert law.accuracy.total_ratio == pytest.approx(0.8)


def test_no_parameters_nearby_are_typically_closer() -> None:
    """What is reported is what is minimized, also when the truth is no power law."""
    rng = np.random.default_rng(3)
    km = rng.uniform(0.2, 25, 2_000)
    seconds = (90.0 + 70.0 * km) * rng.lognormal(0, 0.3, km.size)
    law = fit_power_law(km, seconds)
    for by, more in ((0.98, 0.0), (1.02, 0.0), (1.0, -0.01), (1.0, 0.01)):
        other = accuracy(by * law.coefficient_s * km ** (law.exponent + more), seconds)
        assert other.typical_factor > law.accuracy.typical_factor


def test_trips_without_distance_or_duration_do_not_count() -> None:
    """Two addresses snapped to one road node take 0 s; their logarithm would poison the fit."""
    km = np.array([0.0, 1.0, *np.geomspace(1, 9, 12)])
    seconds = np.array([5.0, 0.0, *(60.0 * np.geomspace(1, 9, 12))])
    law = fit_power_law(km, seconds)
    assert (law.coefficient_s, law.exponent, law.pairs) == (60.0, 1.0, 12)


def test_too_few_trips_are_refused() -> None:
    """Two points make a perfect line and a useless law."""
    with pytest.raises(InvalidInput, match="9 of 9 pairs"):
        fit_power_law(np.geomspace(1, 9, 9), np.geomspace(60, 540, 9))


def test_trips_of_one_length_are_refused() -> None:
    """They say nothing about the exponent."""
    with pytest.raises(InvalidInput, match="twice as long"):
        fit_power_law(np.linspace(5, 9.9, 40), np.full(40, 600.0))


def test_the_detour_keeps_the_total_of_meters() -> None:
    """Kilometers are paid for as a sum."""
    # (1,800 + 12,000) / (1,000 + 10,000) = 1.2545
    assert fit_detour(np.array([1_000.0, 10_000.0]), np.array([1_800.0, 12_000.0])) == 1.25


def test_accuracy_by_hand() -> None:
    """The figures shown to people are the ones defined."""
    figures = accuracy(np.array([50.0, 400.0]), np.array([100.0, 200.0]))
    # One half as long, one twice as long: a factor of 2. (50 / 100 + 200 / 200) / 2 = 0.75; 450 / 300 = 1.5.
    assert figures.typical_factor == pytest.approx(2.0)
    assert figures.mape == pytest.approx(0.75)
    assert figures.total_ratio == pytest.approx(1.5)


def test_a_provider_s_own_law_is_found_through_its_matrix() -> None:
    """The whole way: ask, measure, fit, compare with the parameters in use."""
    provider = Asked(coefficient_s=230.0, exponent=0.66, detour=1.25)
    before = TravelSource(kind="osrm", url="http://127.0.0.1:5000")
    fit = fit_to_provider(scattered(40), provider, before)
    assert fit.pairs == 40 * 39
    assert fit.after.kind == "geodesic"
    assert fit.after.coefficient_s == pytest.approx(230.0, rel=1e-3)
    assert fit.after.exponent == pytest.approx(0.66, abs=0.001)
    assert fit.after.detour == 1.25
    assert fit.duration_after.mape < 0.002 < 0.05 < fit.duration_before.mape
    # The detour in use is 1.4 where 1.25 is right: 1.4 / 1.25 = 1.12.
    assert fit.distance_before.total_ratio == pytest.approx(1.12, abs=1e-3)
    assert fit.distance_after.total_ratio == pytest.approx(1.0, abs=1e-3)
    assert fit.farthest_snap_m is None


def test_equal_coordinates_are_asked_for_once() -> None:
    """Forty visits in one building would be forty rows of the same answers."""
    provider = Asked(coefficient_s=180.0, exponent=0.72, detour=1.4)
    places = scattered(10)
    fit_travel([*places, *places, places[3]], provider)
    assert provider.places == places


def test_of_many_places_some_are_taken_from_all_over_the_list() -> None:
    """Address lists are sorted by street: the first hundred would all be neighbors."""
    provider = Asked(coefficient_s=180.0, exponent=0.72, detour=1.4)
    places = scattered(101)
    fit = fit_travel(places, provider, max_places=11)
    assert [place.id for place in provider.places] == [str(number) for number in range(0, 101, 10)]
    assert fit.places == 11
