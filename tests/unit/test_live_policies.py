"""Live policies between rows, API and domain: nothing lost on the way, and every fault named at once."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from fieldops.domain.live_policies import LivePolicies
from fieldops.domain.live_policy_faults import live_policy_faults
from fieldops.errors import InvalidInput
from fieldops.store.live_policies import live_policies_from_json, live_policies_to_json
from fieldops.units import Cents

#: Nothing in it is as the product has it, so that nothing can be lost unseen.
POLICIES = LivePolicies(
    at_risk_below=60,
    freeze=timedelta(minutes=5),
    replan_after=timedelta(milliseconds=250),
    replan_within=timedelta(seconds=2),
    replan_for=timedelta(milliseconds=1_500),
    most_moves_percent=10,
    most_moves_least=3,
    least_gain=Cents(500),
    start_tolerance=timedelta(minutes=10),
    is_automatic=False,
    automatic_cost=Cents(5_000),
    automatic_customers=1,
    told_change=timedelta(minutes=20),
    cooling=timedelta(minutes=30),
    arriving_before=timedelta(minutes=10),
    apologizes=False,
    rebooks=False,
    escalates=False,
    credit=Cents(2_500),
    survey_after=None,
    low_score=5,
    follow_up_within=timedelta(hours=4),
    follow_up_owner="us_lee",
)


def test_live_policies_come_back_as_they_were_written() -> None:
    """A rule that gets lost on the way is one that nobody keeps."""
    as_built = LivePolicies()
    assert all(getattr(POLICIES, field.name) != getattr(as_built, field.name) for field in fields(LivePolicies))

    document = live_policies_to_json(POLICIES)

    assert live_policies_from_json(document) == POLICIES
    assert (document["freeze_minutes"], document["replan_after_s"], document["credit_cents"]) == (5, 0.25, 2_500)


def test_what_is_not_said_is_as_the_product_has_it() -> None:
    """Rows from before there were live operations say nothing."""
    assert live_policies_from_json({}) == LivePolicies()
    assert live_policies_from_json({"cooling_minutes": 5}) == LivePolicies(cooling=timedelta(minutes=5))


def test_values_of_another_form_are_named_all_at_once() -> None:
    """Who edits rules by hand wants the whole list of slips."""
    slips = {"freeze_minutes": "ten", "replan_for_s": True, "is_automatic": 1, "freezes": 5, "low_score": 2.5}

    with pytest.raises(InvalidInput) as caught:
        live_policies_from_json(slips)

    assert [fault.path for fault in caught.value.faults] == [f"live.{name}" for name in slips]


def test_rules_out_of_range_are_named_all_at_once() -> None:
    """A replan that begins before it is waited for, a search of an hour: each is told with what was expected."""
    bad = replace(
        POLICIES,
        at_risk_below=101,
        freeze=timedelta(seconds=90),
        replan_after=timedelta(seconds=3),
        replan_for=timedelta(hours=1),
        automatic_cost=Cents(-1),
        low_score=11,
    )

    faults = list(live_policy_faults("live", bad))

    assert [fault.path for fault in faults] == [
        "live.at_risk_below_percent",
        "live.freeze_minutes",
        "live.replan_for_s",
        "live.replan_within_s",
        "live.automatic_cost_cents",
        "live.low_score",
    ]
    assert faults[3].expected == "at least replan_after_s, 3.0"
    assert not list(live_policy_faults("live", LivePolicies()))
    assert not list(live_policy_faults("live", POLICIES))
