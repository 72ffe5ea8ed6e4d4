"""Territories, their pattern of offered windows and their policies."""

from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldops.api.schemas.base import Id, Schema
from fieldops.api.schemas.live_policies import LivePoliciesSchema
from fieldops.domain.policies import Policies
from fieldops.domain.problem import CostRates, TravelSource
from fieldops.domain.territory import Territory
from fieldops.store.live_policies import live_policies_from_json, live_policies_to_json
from fieldops.store.territories import policies_from_json, policies_to_json, windows_from_json, windows_to_json
from fieldops.units import Cents

Minutes = Annotated[int, Field(ge=0, le=20_160)]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["08:00"])]
Money = Annotated[int, Field(ge=0, le=1_000_000_000)]
_AS_BUILT = Policies()
_RATES = CostRates()
_TRAVEL = TravelSource()
_MINUTE = timedelta(minutes=1)


class OfferedWindowSchema(Schema):
    """An arrival window offered on some weekdays, in local time."""

    weekdays: list[Annotated[int, Field(ge=0, le=6)]] = Field(
        min_length=1, max_length=7, description="0 is Monday.", examples=[[0, 1, 2, 3, 4]]
    )
    start: Clock
    end: Clock = Field(description="The latest start of service.", examples=["10:00"])


class PoliciesSchema(Schema):
    """The rules of a territory, in local time."""

    hold_minutes: Minutes = Field(default=_AS_BUILT.hold_duration // _MINUTE, description="How long a hold lasts.")
    hold_most_minutes: Minutes = Field(
        default=_AS_BUILT.hold_most // _MINUTE,
        description="The longest a hold lasts for a customer who asks for more time, counted from its beginning.",
    )
    offer_minutes: Minutes = Field(default=_AS_BUILT.offer_duration // _MINUTE, description="How long an offer lasts.")
    waitlist_offer_minutes: Minutes = Field(
        default=_AS_BUILT.waitlist_offer // _MINUTE,
        description="How long an earlier window can be taken up that somebody on the waitlist was asked about.",
    )
    notice_minutes: Minutes = Field(
        default=_AS_BUILT.notice // _MINUTE, description="Least time between now and the start of an offered window."
    )
    horizon_days: int = Field(default=_AS_BUILT.horizon_days, ge=1, le=14, description="Days offered, from today.")
    buffer_minutes: Minutes = Field(
        default=_AS_BUILT.buffer // _MINUTE, description="Kept free before the end of a promised window."
    )
    nearby_minutes: Minutes = Field(
        default=_AS_BUILT.nearby // _MINUTE, description="Extra travel up to which a technician is nearby."
    )
    reach_minutes: Minutes = Field(
        default=_AS_BUILT.reach // _MINUTE,
        description="Customers book for themselves what is at most so far from where some technician starts.",
    )
    plan_at: Clock = Field(default=f"{_AS_BUILT.plan_at:%H:%M}", description="Local time of the nightly planning.")
    plan_days_ahead: int = Field(
        default=_AS_BUILT.plan_days_ahead,
        ge=0,
        le=14,
        description="Dates planned each night: from the one that is about to begin on when `plan_at` is before noon, "
        "else from the next one on.",
    )
    plan_seconds: int = Field(default=_AS_BUILT.plan_seconds, ge=1, le=3_600, description="Search budget of a date.")
    publishes: bool = Field(default=_AS_BUILT.publishes, description="Whether nightly plans are published at once.")
    reminder_minutes: Minutes = Field(
        default=_AS_BUILT.reminder_before // _MINUTE, description="How long before the window reminders go out."
    )
    quiet_from: Clock = Field(default=f"{_AS_BUILT.quiet_from:%H:%M}", description="No messages from here,")
    quiet_until: Clock = Field(default=f"{_AS_BUILT.quiet_until:%H:%M}", description="until here; local time.")
    contact: str = Field(default="", max_length=500, description="The company's name and number, for messages.")


class RatesSchema(Schema):
    """What things cost in plans, in cents; docs/concepts.md says when each is charged."""

    travel_per_hour_cents: Money = _RATES.travel_per_hour
    travel_per_km_cents: Money = _RATES.travel_per_km
    shift_used_cents: Money = _RATES.shift_used
    lateness_per_minute_cents: Money = _RATES.lateness_per_minute
    sla_per_hour_cents: Money = _RATES.sla_per_hour
    preferred_window_missed_cents: Money = _RATES.preferred_window_missed
    other_technician_cents: Money = _RATES.other_technician
    told_technician_changed_cents: Money = Field(
        default=_RATES.told_technician_changed, description="On the day itself: somebody else comes than was said."
    )
    told_time_changed_cents: Money = Field(
        default=_RATES.told_time_changed, description="On the day itself: another time than was said."
    )
    unassigned_per_priority_cents: Money = _RATES.unassigned_per_priority


class TravelSchema(Schema):
    """Where travel times come from: a formula over the geodesic distance, or an OSRM server."""

    kind: Literal["geodesic", "osrm"] = "geodesic"
    coefficient_s: float = Field(default=_TRAVEL.coefficient_s, gt=0, le=100_000, description="Seconds at 1 km.")
    exponent: float = Field(default=_TRAVEL.exponent, gt=0, le=2)
    detour: float = Field(default=_TRAVEL.detour, ge=1, le=10)
    url: str | None = Field(default=None, max_length=500, examples=["http://osrm.example.com:5000"])


class TerritoryFields(Schema):
    """Everything about a territory but its id."""

    EXAMPLE: ClassVar = {
        "name": "Washington",
        "time_zone": "America/New_York",
        "offered_windows": [
            {"weekdays": [0, 1, 2, 3, 4], "start": "08:00", "end": "10:00"},
            {"weekdays": [0, 1, 2, 3, 4], "start": "10:00", "end": "12:00"},
        ],
        "policies": {"hold_minutes": 10, "contact": "Acme Heating, +1 202 555 0100"},
        "skills": ["gas", "power"],
    }

    name: str = Field(min_length=1, max_length=200, examples=["Washington"])
    time_zone: str = Field(min_length=1, max_length=64, description="IANA name.", examples=["America/New_York"])
    offered_windows: list[OfferedWindowSchema] = Field(max_length=100)
    policies: PoliciesSchema = Field(default_factory=PoliciesSchema)
    live: LivePoliciesSchema = Field(default_factory=LivePoliciesSchema, description="The rules of the day itself.")
    skills: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        max_length=1_000, description="All skills there are.", examples=[["gas", "power"]]
    )
    rates: RatesSchema = Field(default_factory=RatesSchema)
    travel: TravelSchema = Field(default_factory=TravelSchema)

    def territory(self, territory_id: str = "") -> Territory:
        """
        Make the territory that is meant.

        Raises
        ------
        InvalidInput
        """
        return Territory(
            id=territory_id,
            name=self.name,
            time_zone=self.time_zone,
            offered_windows=windows_from_json([window.model_dump() for window in self.offered_windows]),
            policies=policies_from_json(self.policies.model_dump()),
            live=live_policies_from_json(self.live.model_dump()),
            skills=tuple(self.skills),
            rates=CostRates(
                **{name.removesuffix("_cents"): Cents(value) for name, value in self.rates.model_dump().items()}
            ),
            travel=TravelSource(**self.travel.model_dump()),
        )


class TerritorySchema(TerritoryFields):
    """An area that is planned as one."""

    id: Id

    @classmethod
    def of(cls, territory: Territory) -> "TerritorySchema":
        """Show a territory."""
        rates, travel = territory.rates, territory.travel
        return cls(
            id=territory.id,
            name=territory.name,
            time_zone=territory.time_zone,
            offered_windows=[OfferedWindowSchema(**window) for window in windows_to_json(territory.offered_windows)],
            policies=PoliciesSchema(**policies_to_json(territory.policies)),
            live=LivePoliciesSchema(**live_policies_to_json(territory.live)),
            skills=list(territory.skills),
            rates=RatesSchema(
                **{name: getattr(rates, name.removesuffix("_cents")) for name in RatesSchema.model_fields}
            ),
            travel=TravelSchema(**{name: getattr(travel, name) for name in TravelSchema.model_fields}),
        )
