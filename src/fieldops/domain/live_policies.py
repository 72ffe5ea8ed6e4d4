"""What a territory has decided about its live operations."""

from dataclasses import dataclass
from datetime import timedelta

from fieldops.units import Cents


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePolicies:
    """
    The rules of one territory on the day itself.

    Attributes
    ----------
    at_risk_below
        Percent; a promise less likely to be kept than this is in jeopardy.
    freeze
        Stops that begin so soon are not moved any more by the optimizer.
    replan_after, replan_within
        A replan waits until no event came for so long, but no longer than that altogether.
    replan_for
        Search budget of a replan.
    most_moves_percent, most_moves_least
        Churn allowed per replan: share of the visits ahead, and a number that is always allowed.
    least_gain
        Cents; a change that saves less, and keeps no promise more, is not worth telling anybody.
    start_tolerance
        A start may move by so much before anybody cares.
    is_automatic
        Whether a proposal within the limits below is published without a dispatcher.
    automatic_cost, automatic_customers
        The limits: extra cost in cents (churn counted), and customers who have to be told something new.
    told_change
        A customer hears of a new time when it differs by at least this from what was told last.
    cooling
        Least time between two messages about the same visit's time.
    arriving_before
        "Arriving soon" leaves so long before the expected arrival.
    apologizes, rebooks, escalates, credit
        What happens when a promise is broken: an apology to the customer, an offer of the best new windows, a task for
        a person, and a credit in cents (0 = none).
    survey_after
        How long after a visit the survey is sent; None = none is.
    low_score
        Scores at or below it (of ten) open a follow-up task.
    follow_up_within
        Until when such a task is to be done.
    follow_up_owner
        Id of the user whose tasks are; None = the product chooses among those who dispatch.
    """

    at_risk_below: int = 70
    freeze: timedelta = timedelta(minutes=15)
    replan_after: timedelta = timedelta(seconds=1)
    replan_within: timedelta = timedelta(seconds=5)
    replan_for: timedelta = timedelta(seconds=1)
    most_moves_percent: int = 6
    most_moves_least: int = 2
    least_gain: Cents = Cents(2_000)
    start_tolerance: timedelta = timedelta(minutes=15)
    is_automatic: bool = True
    automatic_cost: Cents = Cents(20_000)
    automatic_customers: int = 5
    told_change: timedelta = timedelta(minutes=15)
    cooling: timedelta = timedelta(minutes=20)
    arriving_before: timedelta = timedelta(minutes=15)
    apologizes: bool = True
    rebooks: bool = True
    escalates: bool = True
    credit: Cents = Cents(0)
    survey_after: timedelta | None = timedelta(hours=2)
    low_score: int = 6
    follow_up_within: timedelta = timedelta(hours=24)
    follow_up_owner: str | None = None
