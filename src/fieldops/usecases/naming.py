"""What technicians and visits are called when something is said about them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fieldops.domain.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """
    Names by id; who or what has none is called by the id.

    Attributes
    ----------
    technicians, visits
        Id to name; those without a name are left out.
    """

    technicians: Mapping[str, str]
    visits: Mapping[str, str]

    def who(self, technician_id: str) -> str:
        """Name a technician."""
        return self.technicians.get(technician_id, technician_id)

    def what(self, visit_id: str) -> str:
        """Name a visit."""
        return self.visits.get(visit_id, visit_id)


def naming_of(problem: Problem, technicians: Mapping[str, str] = MappingProxyType({})) -> Naming:
    """Collect the names of a problem, and of technicians it does not have; who shares a name gets the id, too."""
    own = {person.id: person.name for person in problem.technicians if person.name}
    return Naming(
        technicians=_distinct({**technicians, **own}),
        visits=_distinct({visit.id: visit.name for visit in problem.visits if visit.name}),
    )


def _distinct(names: Mapping[str, str]) -> dict[str, str]:
    """Add the id to names that several have."""
    count = Counter(names.values())
    return {key: name if count[name] == 1 else f"{name} ({key})" for key, name in names.items()}
