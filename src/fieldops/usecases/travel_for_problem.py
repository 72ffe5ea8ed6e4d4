"""Ask a provider for the travel between all places of a problem."""

from fieldops.domain.problem import Problem
from fieldops.travel.provider import TravelMatrix, TravelProvider


def travel_matrices(problem: Problem, provider: TravelProvider) -> TravelMatrix:
    """Return durations and distances between `problem.places`, in their order; raises as the provider does."""
    return provider.matrix(problem.places)
