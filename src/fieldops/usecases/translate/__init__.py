"""
The one seam between domain and solver: nothing else knows what the other side calls things.

Index ``i`` of a place, technician or visit is its position in the problem; shifts are counted through all technicians
in order. Second 0 is the first instant of the horizon.
"""

from fieldops.usecases.translate.instance import Translation, to_instance, translated
from fieldops.usecases.translate.plan import search_facts, to_kpis, to_plan, to_route
from fieldops.usecases.translate.reasons import to_unassigned
from fieldops.usecases.translate.running_route import (
    names_technicians,
    to_quoted_visit,
    to_running_route,
    to_standing,
)
from fieldops.usecases.translate.solution import to_solution

__all__ = [
    "Translation",
    "names_technicians",
    "search_facts",
    "to_instance",
    "to_kpis",
    "to_plan",
    "to_quoted_visit",
    "to_route",
    "to_running_route",
    "to_solution",
    "to_standing",
    "to_unassigned",
    "translated",
]
