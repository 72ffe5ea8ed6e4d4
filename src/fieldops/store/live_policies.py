"""The live policies of a territory in the database: what the JSON in its row means."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from fieldops.domain.live_policies import LivePolicies
from fieldops.store.json_fields import (
    Forms,
    a_count,
    cents,
    flag,
    minutes,
    minutes_or_none,
    read_object,
    seconds,
    text_or_none,
)
from fieldops.store.tables import TerritoryRow

#: JSON name to field, by the form of the value.
_MINUTES: Final = {
    "freeze_minutes": "freeze",
    "start_tolerance_minutes": "start_tolerance",
    "told_change_minutes": "told_change",
    "cooling_minutes": "cooling",
    "arriving_before_minutes": "arriving_before",
    "follow_up_minutes": "follow_up_within",
}
_SECONDS: Final = {"replan_after_s": "replan_after", "replan_within_s": "replan_within", "replan_for_s": "replan_for"}
_CENTS: Final = {
    "least_gain_cents": "least_gain",
    "automatic_cost_cents": "automatic_cost",
    "credit_cents": "credit",
}
_COUNTS: Final = {
    "at_risk_below_percent": "at_risk_below",
    "most_moves_percent": "most_moves_percent",
    "most_moves_least": "most_moves_least",
    "automatic_customers": "automatic_customers",
    "low_score": "low_score",
}
_FLAGS: Final = {name: name for name in ("is_automatic", "apologizes", "rebooks", "escalates")}
_SURVEY: Final = "survey_after_minutes"
_OWNER: Final = "follow_up_owner"
_FORMS: Final[Forms] = {
    **{key: (name, minutes) for key, name in _MINUTES.items()},
    **{key: (name, seconds) for key, name in _SECONDS.items()},
    **{key: (name, cents) for key, name in _CENTS.items()},
    **{key: (name, a_count) for key, name in _COUNTS.items()},
    **{key: (name, flag) for key, name in _FLAGS.items()},
    _SURVEY: ("survey_after", minutes_or_none),
    _OWNER: ("follow_up_owner", text_or_none),
}


def live_policies_of(row: TerritoryRow) -> LivePolicies:
    """
    Read a territory's live policies only.

    Raises
    ------
    InvalidInput
        When somebody has written something else into the row than `write_territory` does; with all faults.
    """
    return live_policies_from_json(row.live_policies)


def live_policies_from_json(document: Mapping[str, Any]) -> LivePolicies:
    """
    Read live policies; what is not said is as the product has it.

    Raises
    ------
    InvalidInput
        For unknown names and values of another form, all at once. Ranges are judged by `territory_faults`.
    """
    return read_object("live", document, _FORMS, LivePolicies)


def live_policies_to_json(policies: LivePolicies) -> dict[str, Any]:
    """Write live policies: durations in minutes, those of replans in seconds, money in cents."""
    minute = timedelta(minutes=1)
    return {
        **{key: getattr(policies, name) // minute for key, name in _MINUTES.items()},
        **{key: getattr(policies, name).total_seconds() for key, name in _SECONDS.items()},
        **{key: getattr(policies, name) for names in (_CENTS, _COUNTS, _FLAGS) for key, name in names.items()},
        _SURVEY: None if policies.survey_after is None else policies.survey_after // minute,
        _OWNER: policies.follow_up_owner,
    }
