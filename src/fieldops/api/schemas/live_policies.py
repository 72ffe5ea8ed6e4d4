"""The live policies of a territory."""

from typing import Annotated, Any, Final

from pydantic import Field

from fieldops.api.schemas.base import Id, Schema
from fieldops.domain.live_policies import LivePolicies
from fieldops.store.live_policies import live_policies_to_json

_AS_BUILT: Final[dict[str, Any]] = live_policies_to_json(LivePolicies())
DayMinutes = Annotated[int, Field(ge=0, le=1_440)]
WeekMinutes = Annotated[int, Field(ge=0, le=10_080)]
Seconds = Annotated[float, Field(ge=0, le=60)]
Money = Annotated[int, Field(ge=0, le=1_000_000_000)]
Count = Annotated[int, Field(ge=0, le=1_000)]


def _default(name: str, description: str, **more: Any) -> Any:
    """Describe a field whose default is that of the product."""
    return Field(default=_AS_BUILT[name], description=description, **more)


class LivePoliciesSchema(Schema):
    """The rules of a territory on the day itself."""

    at_risk_below_percent: int = _default(
        "at_risk_below_percent", "A promise less likely to be kept than this is in jeopardy.", ge=0, le=100
    )
    freeze_minutes: DayMinutes = _default("freeze_minutes", "Stops that begin so soon are not moved by a replan.")
    replan_after_s: Seconds = _default("replan_after_s", "A replan waits until no event came for so long,")
    replan_within_s: Seconds = _default("replan_within_s", "but no longer than this altogether.")
    replan_for_s: float = _default("replan_for_s", "Search budget of a replan.", ge=0.1, le=60)
    most_moves_percent: int = _default(
        "most_moves_percent", "Share of the visits ahead that one replan may move,", ge=0, le=100
    )
    most_moves_least: Count = _default("most_moves_least", "and a number that is always allowed.")
    least_gain_cents: Money = _default(
        "least_gain_cents", "A change that saves less, and keeps no promise more, is not proposed."
    )
    start_tolerance_minutes: DayMinutes = _default(
        "start_tolerance_minutes", "A start may move by so much before it counts as moved."
    )
    is_automatic: bool = _default(
        "is_automatic", "Whether proposals within the two limits below are published without a dispatcher."
    )
    automatic_cost_cents: Money = _default("automatic_cost_cents", "Extra cost, churn counted.")
    automatic_customers: Count = _default("automatic_customers", "Customers who have to be told something new.")
    told_change_minutes: Annotated[int, Field(ge=1, le=1_440)] = _default(
        "told_change_minutes", "A customer hears of a time that differs by at least this from the last one told."
    )
    cooling_minutes: DayMinutes = _default("cooling_minutes", "Least time between two messages about a visit's time.")
    arriving_before_minutes: DayMinutes = _default(
        "arriving_before_minutes", "How long before the expected arrival 'arriving soon' leaves."
    )
    apologizes: bool = _default("apologizes", "A broken promise is apologized for,")
    rebooks: bool = _default("rebooks", "new windows are offered,")
    escalates: bool = _default("escalates", "a person gets a task,")
    credit_cents: Money = _default("credit_cents", "and this is credited; 0 = nothing.")
    survey_after_minutes: WeekMinutes | None = _default(
        "survey_after_minutes", "How long after a visit the survey is sent; null = none is."
    )
    low_score: int = _default("low_score", "Scores at or below it open a task.", ge=0, le=10)
    follow_up_minutes: Annotated[int, Field(ge=1, le=10_080)] = _default(
        "follow_up_minutes", "Until when such a task is to be done."
    )
    follow_up_owner: Id | None = _default(
        "follow_up_owner", "The user whose tasks are; null = one is chosen among those who dispatch."
    )
