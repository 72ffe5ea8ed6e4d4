"""Draws the rows of a year of the sample city, day by day: see `ops_data`."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any, Final

import numpy as np
from service_data import SAMPLE, WINDOWS, ZONE

from fieldops.domain.policies import Policies
from fieldops.domain.territory import Territory
from fieldops.files.problem_json import load_problem
from fieldops.store.base import Row
from fieldops.store.tables import (
    BookingRow,
    CustomerRow,
    MessageRow,
    PlanJobRow,
    PlanRow,
    PromiseRow,
    ReplanRow,
    RouteRow,
    ShiftRow,
    SiteRow,
    StopRow,
    SurveyRow,
    TechnicianRow,
    VisitProgressRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.usecases.seed_customers import made_up_customer

#: As `Settings.retention_days` has it.
RETENTION: Final = timedelta(days=90)
#: On average, of a day.
REPLANS: Final = 50
#: Routes that one replan writes anew.
CHANGED: Final = 2
#: Names and numbers that look a year back at most.
CUSTOMERS: Final = 20_000
#: Shares of visits.
LATE, FAILED, ANSWERED, WRITTEN, GIVEN_UP = 0.025, 0.02, 0.4, 0.3, 0.01
COMMENTS: Final = ("On time, friendly, and everything explained.", "Had to wait for an hour, but it works again.")

Rows = dict[type[Row], list[dict[str, Any]]]


class Year:
    """Draws the rows of a year."""

    def __init__(self, seed: int, now: datetime) -> None:
        self.rng = np.random.default_rng(seed)
        self.now = now
        self.problem = load_problem(SAMPLE)
        self.places = {place.id: place for place in self.problem.places}
        self.numbers = count()
        self.territory = Territory(
            id=self.id("te"),
            name="Sample City",
            time_zone=ZONE.key,
            offered_windows=WINDOWS,
            policies=Policies(contact="fieldops, +1 202 555 0100"),
            skills=self.problem.skills,
            rates=self.problem.rates,
            travel=self.problem.travel,
        )
        self.technicians = [self.id("tn") for _ in self.problem.technicians]
        self.homes = [self.id("si") for _ in self.technicians]
        self.customers = [(self.id("cu"), self.id("si")) for _ in range(CUSTOMERS)]

    def id(self, prefix: str) -> str:
        """Name a row: the same in every file of a seed."""
        return f"{prefix}_{next(self.numbers):016d}"

    def people(self) -> Rows:
        """Draw technicians at home, and customers with an address each."""
        rows: Rows = defaultdict(list)
        for technician, known, home in zip(self.technicians, self.problem.technicians, self.homes, strict=True):
            rows[TechnicianRow].append(
                {"id": technician, "territory_id": self.territory.id, "name": known.name, "created_at": self.now}
            )
            rows[SiteRow].append(self._site(home, "home", None, self.problem.places[0].id))
        for number, (customer, site) in enumerate(self.customers):
            name = made_up_customer(number).name
            rows[CustomerRow].append({"id": customer, "name": name, "created_at": self.now})
            place = self.problem.visits[number % len(self.problem.visits)].place_id
            rows[SiteRow].append(self._site(site, "customer", customer, place))
        return rows

    def _site(self, name: str, kind: str, customer_id: str | None, place_id: str) -> dict[str, Any]:
        place = self.places[place_id]
        return {
            "id": name,
            "kind": kind,
            "customer_id": customer_id,
            "created_at": self.now,
            "address": place.address,
            "latitude": place.latitude,
            "longitude": place.longitude,
        }

    def day(self, day: date) -> Rows:
        """Draw a day that is over: visits one after the other on as many routes as there are technicians."""
        rows: Rows = defaultdict(list)
        plan_id = self.id("pl")
        midnight = datetime.combine(day, time(), ZONE).astimezone(UTC)
        visits = [self._visit(rows, midnight) for _ in self.problem.visits]
        shares = np.array_split(np.array(visits), len(self.technicians))
        rows[PlanRow].append({"id": plan_id, "territory_id": self.territory.id, "date": day, "version": REPLANS + 1})
        orders: dict[str, list[str]] = {}
        for technician, home, share in zip(self.technicians, self.homes, shares, strict=True):
            shift = self.id("sh")
            orders[shift] = [str(visit) for visit in share]
            rows[ShiftRow].append(
                {
                    "id": shift,
                    "territory_id": self.territory.id,
                    "technician_id": technician,
                    "date": day,
                    "starts_at": midnight + timedelta(hours=8),
                    "ends_at": midnight + timedelta(hours=17),
                    "hard_ends_at": midnight + timedelta(hours=18),
                    "start_place_id": home,
                    "end_place_id": home,
                }
            )
            self._route(rows, plan_id, shift, technician, orders[shift], midnight, (REPLANS + 1, None))
            for number, visit in enumerate(orders[shift]):
                self._served(rows, visit, technician, day, midnight + timedelta(hours=8, minutes=55 * number))
        shifts = list(zip(orders, self.technicians, strict=True))
        for version in range(1, REPLANS + 1):
            for pos in self.rng.integers(len(shifts), size=CHANGED):
                shift, technician = shifts[int(pos)]
                self._route(rows, plan_id, shift, technician, orders[shift], midnight, (version, version + 1))
        if midnight > self.now - RETENTION:
            self._searches(rows, day, midnight, orders)
        return rows

    def _visit(self, rows: Rows, midnight: datetime) -> str:
        """Draw what a customer asked for, and a window that was promised."""
        wanted = self.problem.visits[int(self.rng.integers(len(self.problem.visits)))]
        customer, site = self.customers[int(self.rng.integers(CUSTOMERS))]
        order, visit = self.id("wo"), self.id("vi")
        common = {"territory_id": self.territory.id, "created_at": midnight - timedelta(days=4)}
        rows[WorkOrderRow].append(
            {
                "id": order,
                "customer_id": customer,
                "site_id": site,
                "summary": wanted.name,
                "state": "closed",
                "created_by": "system",
                **common,
            }
        )
        rows[VisitRow].append(
            {
                "id": visit,
                "work_order_id": order,
                "site_id": site,
                "name": wanted.name,
                "state": "done",
                "duration_s": wanted.duration // timedelta(seconds=1),
                "required_skills": {},
                **common,
            }
        )
        return visit

    def _route(
        self,
        rows: Rows,
        plan_id: str,
        shift: str,
        technician: str,
        order: list[str],
        midnight: datetime,
        versions: tuple[int, int | None],
    ) -> None:
        """Write a route, as it was between two versions."""
        route = self.id("ro")
        start = midnight + timedelta(hours=8)
        rows[RouteRow].append(
            {
                "id": route,
                "plan_id": plan_id,
                "shift_id": shift,
                "technician_id": technician,
                "from_version": versions[0],
                "until_version": versions[1],
                "departure_at": start,
                "end_at": start + timedelta(hours=9),
                "travel_s": 7_000,
                "travel_home_s": 900,
                "distance_m": 60_000,
                "work_s": 30_000,
                "overtime_s": 600,
                "breaks": [],
                "cost": {"travel": 4_000, "work": 20_000},
            }
        )
        for position, visit in enumerate(order):
            at = start + timedelta(minutes=55 * position)
            rows[StopRow].append(
                {
                    "route_id": route,
                    "position": position,
                    "visit_id": visit,
                    "is_current": versions[1] is None,
                    "arrival_at": at,
                    "start_at": at,
                    "finish_at": at + timedelta(minutes=40),
                    "departure_at": at + timedelta(minutes=40),
                    "wait_s": 0,
                    "slack_s": 900,
                    "lateness_s": 0,
                    "travel_s": 800,
                    "distance_m": 6_000,
                }
            )

    def _served(self, rows: Rows, visit: str, technician: str, day: date, planned: datetime) -> None:
        """Draw how a booking went: the window, what was told, who came when, and what was said of it."""
        customer = rows[WorkOrderRow][len(rows[BookingRow])]["customer_id"]
        booking = self.id("bk")
        opens = planned.replace(minute=0)
        closes = opens + timedelta(hours=2)
        arrived = planned + timedelta(minutes=float(self.rng.normal(3, 12)))
        if self.rng.random() < LATE:
            arrived = closes + timedelta(minutes=float(self.rng.exponential(20)))
        started = max(arrived, opens)
        minutes = 40 * float(self.rng.lognormal(0, 0.35))
        phase = "failed" if self.rng.random() < FAILED else "done"
        rows[BookingRow].append(
            {
                "id": booking,
                "visit_id": visit,
                "customer_id": customer,
                "territory_id": self.territory.id,
                "date": day,
                "window_start": opens,
                "window_end": closes,
                "hold_id": None,
                "confirmed_at": planned - timedelta(days=4),
                "changed_at": planned - timedelta(days=4),
            }
        )
        outcome = "kept" if started <= closes else "broken"
        promises = [("window", opens, closes, planned - timedelta(days=4), outcome)]
        promises += [("eta", arrived, arrived, started - timedelta(minutes=30), "kept")]
        for kind, begin, end, told_at, became in promises:
            promise = self.id("pr")
            rows[PromiseRow].append(
                {
                    "id": promise,
                    "booking_id": booking,
                    "visit_id": visit,
                    "customer_id": customer,
                    "kind": kind,
                    "window_start": begin,
                    "window_end": end,
                    "told_at": told_at,
                    "outcome": became,
                    "settled_at": started,
                }
            )
            subject = booking if kind == "window" else promise
            for name in ("confirmation", "reminder") if kind == "window" else ("on_the_way", "arriving_soon"):
                rows[MessageRow].append(self._message(subject, name, customer, told_at))
        rows[VisitProgressRow].append(
            {
                "visit_id": visit,
                "territory_id": self.territory.id,
                "date": day,
                "technician_id": technician,
                "phase": phase,
                "travel_started_at": arrived - timedelta(minutes=14),
                "arrived_at": arrived,
                "started_at": started,
                "finished_at": started + timedelta(minutes=minutes),
                "planned_arrival_at": planned,
                "planned_start_at": planned,
                "planned_travel_s": 800,
                "planned_duration_s": 2_400,
            }
        )
        if phase == "done":
            rows[SurveyRow].append(self._survey(visit, customer, technician, started + timedelta(hours=3)))

    def _message(self, subject: str, kind: str, customer: str, at: datetime) -> dict[str, Any]:
        is_old = at < self.now - RETENTION
        has_failed = self.rng.random() < GIVEN_UP
        return {
            "id": self.id("ms"),
            "territory_id": self.territory.id,
            "customer_id": customer,
            "kind": kind,
            "channel": "email",
            "recipient": f"{customer}@example.com",
            "subject_id": subject,
            "language": "en",
            "subject_version": 1,
            "state": "failed" if has_failed else "sent",
            "attempts": 1,
            "claimed_at": at,
            "data": {},
            "title": "" if is_old else "Your appointment",
            "body": "" if is_old else "Robin comes. " * 60,
            "due_at": at,
            "expires_at": at + timedelta(days=4),
            "sent_at": at,
            "created_at": at,
        }

    def _survey(self, visit: str, customer: str, technician: str, at: datetime) -> dict[str, Any]:
        has_answered = self.rng.random() < ANSWERED
        nps, five = int(self.rng.integers(4, 11)), int(self.rng.integers(3, 6))
        is_written = has_answered and self.rng.random() < WRITTEN
        return {
            "visit_id": visit,
            "customer_id": customer,
            "technician_id": technician,
            "asked_at": at,
            "answered_at": at + timedelta(hours=1) if has_answered else None,
            "nps": nps if has_answered else None,
            "csat": five if has_answered else None,
            "ces": five if has_answered else None,
            "comment": COMMENTS[nps < 8] if is_written else "",
        }

    def _searches(self, rows: Rows, day: date, midnight: datetime, orders: dict[str, list[str]]) -> None:
        """Write the night's plan and the replans of the day, with the routes that they made."""
        drafted = {
            shift: {"stops": [{"visit_id": visit, "start": midnight.isoformat(), "slack_s": 900} for visit in visits]}
            for shift, visits in orders.items()
        }
        at = midnight + timedelta(hours=2)
        common = {"territory_id": self.territory.id, "date": day, "requested_by": "system"}
        rows[PlanJobRow].append(
            {
                "id": self.id("jo"),
                "state": "published",
                "reason": "nightly",
                "seconds": 30,
                "publishes": True,
                "routes": drafted,
                "requested_at": at,
                "started_at": at,
                "finished_at": at,
                **common,
            }
        )
        changed = dict(list(drafted.items())[:CHANGED])
        for number in range(REPLANS):
            at = midnight + timedelta(hours=8, minutes=10 * number)
            rows[ReplanRow].append(
                {
                    "id": self.id("re"),
                    "kind": "jeopardy",
                    "why": ["at risk"],
                    "state": "applied",
                    "routes": changed,
                    "diff": {"moves": [{"visit_id": visit} for visit in orders]},
                    "churn": 1,
                    "requested_at": at,
                    "started_at": at,
                    "finished_at": at + timedelta(seconds=3),
                    **common,
                }
            )
