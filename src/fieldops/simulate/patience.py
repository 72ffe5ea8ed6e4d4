"""What people who look on need on a fast clock: time of their own to make up their minds."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from fieldops.store.territories import find_territory, territory_of, write_territory
from fieldops.usecases.work import Work

_MINUTE: Final = timedelta(minutes=1)
#: The longest that a territory may decide.
_DAY: Final = timedelta(days=1)


def give_time(work: Work, territory_id: str, speed: float) -> None:
    """
    Let holds and offers last so long on a fast clock that they last as long as ever on the clock of those who look on.

    Parameters
    ----------
    speed
        How many times as fast as ours the clock goes. What would come to more than a day of it ends after a day.
    """
    row = find_territory(work.session, territory_id, locks=True)
    territory = territory_of(row)

    def stretched(duration: timedelta) -> timedelta:
        return min(round(duration * speed / _MINUTE) * _MINUTE, _DAY)

    policies = replace(
        territory.policies,
        hold_duration=stretched(territory.policies.hold_duration),
        hold_most=stretched(territory.policies.hold_most),
        offer_duration=stretched(territory.policies.offer_duration),
        waitlist_offer=stretched(territory.policies.waitlist_offer),
    )
    write_territory(row, replace(territory, policies=policies))
