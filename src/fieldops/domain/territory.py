"""A territory: an area that is planned as one."""

from dataclasses import dataclass, field

from fieldops.domain.live_policies import LivePolicies
from fieldops.domain.policies import OfferedWindow, Policies
from fieldops.domain.problem import CostRates, TravelSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Territory:
    """
    An area that is planned as one.

    Attributes
    ----------
    time_zone
        IANA name; dates, offered windows and quiet hours are in it.
    live
        The rules of the day itself.
    skills
        Names of all skills there are.
    """

    id: str
    name: str
    time_zone: str
    offered_windows: tuple[OfferedWindow, ...]
    policies: Policies
    skills: tuple[str, ...]
    rates: CostRates = field(default_factory=CostRates)
    travel: TravelSource = field(default_factory=TravelSource)
    live: LivePolicies = field(default_factory=LivePolicies)
