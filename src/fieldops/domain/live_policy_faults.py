"""What can be wrong with live policies, all at once; names are those of their JSON form (`store.live_policies`)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from fieldops.domain.live_policies import LivePolicies
from fieldops.domain.value_faults import decimal_faults, money_faults, whole_number_faults, wrong
from fieldops.errors import Fault

#: Longest search budget of one replan, seconds, and longest wait before one begins.
MOST_SECONDS: Final = 60
#: Most moves that are always allowed, and most customers told without a dispatcher.
MOST_COUNT: Final = 1_000
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)


def live_policy_faults(path: str, policies: LivePolicies) -> Iterator[Fault]:
    """Report live rules out of any sensible range; `path` is where they stand."""
    yield from whole_number_faults(f"{path}.at_risk_below_percent", policies.at_risk_below, 0, 100)
    for name, duration, least, most in (
        ("freeze", policies.freeze, timedelta(0), _DAY),
        ("start_tolerance", policies.start_tolerance, timedelta(0), _DAY),
        ("told_change", policies.told_change, _MINUTE, _DAY),
        ("cooling", policies.cooling, timedelta(0), _DAY),
        ("arriving_before", policies.arriving_before, timedelta(0), _DAY),
        ("survey_after", policies.survey_after, timedelta(0), _WEEK),
        ("follow_up", policies.follow_up_within, _MINUTE, _WEEK),
    ):
        if duration is not None and (duration % _MINUTE or not least <= duration <= most):
            expected = f"a whole number of minutes from {least // _MINUTE} to {most // _MINUTE}"
            yield Fault(path=f"{path}.{name}_minutes", found=f"{duration / _MINUTE:g}", expected=expected)
    for name, wait, shortest in (
        ("replan_after_s", policies.replan_after, 0.0),
        ("replan_within_s", policies.replan_within, 0.0),
        ("replan_for_s", policies.replan_for, 0.1),
    ):
        yield from decimal_faults(f"{path}.{name}", wait.total_seconds(), shortest, MOST_SECONDS, "seconds")
    if policies.replan_within < policies.replan_after:
        found = policies.replan_within.total_seconds()
        yield wrong(
            f"{path}.replan_within_s", found, f"at least replan_after_s, {policies.replan_after.total_seconds()}"
        )
    yield from whole_number_faults(f"{path}.most_moves_percent", policies.most_moves_percent, 0, 100)
    yield from whole_number_faults(f"{path}.most_moves_least", policies.most_moves_least, 0, MOST_COUNT)
    yield from money_faults(f"{path}.least_gain_cents", policies.least_gain)
    yield from money_faults(f"{path}.automatic_cost_cents", policies.automatic_cost)
    yield from whole_number_faults(f"{path}.automatic_customers", policies.automatic_customers, 0, MOST_COUNT)
    yield from money_faults(f"{path}.credit_cents", policies.credit)
    yield from whole_number_faults(f"{path}.low_score", policies.low_score, 0, 10)
