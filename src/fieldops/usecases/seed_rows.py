"""The rows a problem becomes when it is loaded as a company at work; see `fieldops.usecases.seed`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from fieldops.domain.problem import Place, Problem, Shift, Technician, TimeWindow, Visit
from fieldops.store.ids import new_id
from fieldops.store.tables import (
    BookingRow,
    ContactPointRow,
    CustomerRow,
    PromiseRow,
    ShiftRow,
    SiteRow,
    TechnicianRow,
    TechnicianSkillRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.usecases.seed_customers import MadeUpCustomer, made_up_customer
from fieldops.usecases.seed_dates import MovedDates

#: Of customers with a phone every so many prefer text messages.
TEXTING_EVERY: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRows:
    """
    Makes the rows of one problem.

    Attributes
    ----------
    dates
        Where its days go.
    now, actor_id
        When and by whom.
    technician_ids, site_ids, customer_ids
        Ids of stored technicians by technician, of sites by place, of customers by the place that is visited.
    """

    problem: Problem
    territory_id: str
    dates: MovedDates
    now: datetime
    actor_id: str
    technician_ids: dict[str, str]
    site_ids: dict[str, str]
    customer_ids: dict[str, str]

    def customers(self) -> tuple[list[CustomerRow], list[ContactPointRow]]:
        """Make up a customer for every place that is visited, and how to reach each of them."""
        made_up = {customer_id: made_up_customer(i) for i, customer_id in enumerate(self.customer_ids.values())}
        customers = [
            self._customer(customer_id, customer, texts=i % TEXTING_EVERY == 0 and customer.phone is not None)
            for i, (customer_id, customer) in enumerate(made_up.items())
        ]
        points = [
            ContactPointRow(
                id=new_id("cp"), customer_id=customer_id, kind=kind, value=value, consent_at=self.now, stopped_at=None
            )
            for customer_id, customer in made_up.items()
            for kind, value in (("email", customer.email), ("phone", customer.phone))
            if value is not None
        ]
        return customers, points

    def sites(self) -> list[SiteRow]:
        """Make the places; where one technician alone starts or ends the day is a home."""
        bases: dict[str, set[str]] = {}
        for technician in self.problem.technicians:
            for shift in technician.shifts:
                for place_id in (shift.start_place_id, shift.end_place_id):
                    if place_id is not None:
                        bases.setdefault(place_id, set()).add(technician.id)
        return [self._site(place, is_home=len(bases.get(place.id, ())) == 1) for place in self.problem.places]

    def technicians(self) -> tuple[list[TechnicianRow], list[TechnicianSkillRow]]:
        """Make the technicians, and the skills they hold."""
        technicians = [
            TechnicianRow(
                id=self.technician_ids[technician.id],
                territory_id=self.territory_id,
                name=technician.name or technician.id,
                phone=None,
                email=None,
                duration_permille=technician.duration_permille,
                work_rate_cents=technician.work_rate,
                overtime_rate_cents=technician.overtime_rate,
                created_at=self.now,
            )
            for technician in self.problem.technicians
        ]
        skills = [
            TechnicianSkillRow(technician_id=self.technician_ids[technician.id], skill=skill, level=level)
            for technician in self.problem.technicians
            for skill, level in technician.skills.items()
        ]
        return technicians, skills

    def shifts(self, staffed: Sequence[date]) -> list[ShiftRow]:
        """Lay the shifts on dates: the problem's days over and over, breaks at a place the first time only."""
        by_day: dict[date, list[tuple[Technician, Shift]]] = {}
        for technician in self.problem.technicians:
            for shift in technician.shifts:
                by_day.setdefault(self.dates.local_date(shift.start), []).append((technician, shift))
        num_days = self.problem.num_days
        own_days = [self.problem.first_date + timedelta(days=pos % num_days) for pos in range(len(staffed))]
        return [
            self._shift(technician, shift, own_day, day, is_first_time=pos < num_days)
            for pos, (own_day, day) in enumerate(zip(own_days, staffed, strict=True))
            for technician, shift in by_day.get(own_day, [])
        ]

    def work_orders(self) -> dict[str, WorkOrderRow]:
        """Make a work order for every visit, by the visit's id in the problem."""
        return {
            visit.id: WorkOrderRow(
                id=new_id("wo"),
                territory_id=self.territory_id,
                customer_id=self.customer_ids[visit.place_id],
                site_id=self.site_ids[visit.place_id],
                summary=visit.name or visit.id,
                reference=visit.id,
                created_at=self.now,
                created_by=self.actor_id,
            )
            for visit in self.problem.visits
        }

    def visits(self, work_orders: dict[str, WorkOrderRow]) -> dict[str, VisitRow]:
        """Make the visits, booked where a window is promised, by their ids in the problem."""
        return {visit.id: self._visit(visit, work_orders[visit.id].id) for visit in self.problem.visits}

    def bookings(self, visits: dict[str, VisitRow]) -> list[BookingRow]:
        """Make a confirmed booking of every promised window."""
        rows = []
        for visit in self.problem.visits:
            if visit.promised_window is not None:
                window = self.dates.window(visit.promised_window)
                rows.append(
                    BookingRow(
                        id=new_id("bk"),
                        visit_id=visits[visit.id].id,
                        customer_id=self.customer_ids[visit.place_id],
                        territory_id=self.territory_id,
                        hold_id=None,
                        date=self.dates.local_date(window.earliest),
                        window_start=window.earliest,
                        window_end=window.latest,
                        confirmed_at=self.now,
                        changed_at=self.now,
                        canceled_at=None,
                        cancel_reason=None,
                    )
                )
        return rows

    def promises(self, bookings: list[BookingRow]) -> list[PromiseRow]:
        """Make the lines of the ledger."""
        return [
            PromiseRow(
                id=new_id("pr"),
                booking_id=booking.id,
                visit_id=booking.visit_id,
                customer_id=booking.customer_id,
                window_start=booking.window_start,
                window_end=booking.window_end,
                told_at=self.now,
                outcome=None,
                settled_at=None,
            )
            for booking in bookings
        ]

    def _customer(self, customer_id: str, customer: MadeUpCustomer, *, texts: bool) -> CustomerRow:
        return CustomerRow(
            id=customer_id,
            name=customer.name,
            channel="sms" if texts else "email",
            time_zone=None,
            known_technician_id=None,
            reference=None,
            created_at=self.now,
        )

    def _site(self, place: Place, *, is_home: bool) -> SiteRow:
        customer_id = self.customer_ids.get(place.id)
        return SiteRow(
            id=self.site_ids[place.id],
            customer_id=customer_id,
            kind="customer" if customer_id is not None else "home" if is_home else "depot",
            address=place.address or place.id,
            latitude=place.latitude,
            longitude=place.longitude,
            created_at=self.now,
        )

    def _shift(
        self, technician: Technician, shift: Shift, own_day: date, day: date, *, is_first_time: bool
    ) -> ShiftRow:
        def moved(instant: datetime) -> datetime:
            return self.dates.instant(instant, to=day, since=own_day)

        return ShiftRow(
            id=new_id("sh"),
            territory_id=self.territory_id,
            technician_id=self.technician_ids[technician.id],
            date=day,
            starts_at=moved(shift.start),
            ends_at=moved(shift.end),
            hard_ends_at=moved(shift.hard_end),
            start_place_id=self.site_ids[shift.start_place_id],
            end_place_id=None if shift.end_place_id is None else self.site_ids[shift.end_place_id],
            breaks=[
                {
                    "earliest_start": moved(pause.earliest_start).isoformat(),
                    "latest_start": moved(pause.latest_start).isoformat(),
                    "duration_s": _seconds(pause.duration),
                    "place_id": None if pause.place_id is None else self.site_ids[pause.place_id],
                    "paid": pause.paid,
                    "name": pause.name,
                }
                for pause in shift.breaks
                if is_first_time or pause.place_id is None
            ],
            max_visits=shift.max_visits,
            max_travel_s=None if shift.max_travel is None else _seconds(shift.max_travel),
            max_work_s=None if shift.max_work is None else _seconds(shift.max_work),
            removed_at=None,
        )

    def _visit(self, visit: Visit, work_order_id: str) -> VisitRow:
        def stored(technicians: frozenset[str]) -> list[str]:
            return sorted(self.technician_ids[technician_id] for technician_id in technicians)

        return VisitRow(
            id=new_id("vi"),
            work_order_id=work_order_id,
            territory_id=self.territory_id,
            site_id=self.site_ids[visit.place_id],
            name=visit.name,
            state="open" if visit.promised_window is None else "booked",
            duration_s=_seconds(visit.duration),
            required_skills=dict(visit.required_skills),
            windows=[self._iso(window) for window in visit.windows],
            preferred_window=[] if visit.preferred_window is None else self._iso(visit.preferred_window),
            release_at=None if visit.release is None else self.dates.instant(visit.release),
            due_at=None if visit.due is None else self.dates.instant(visit.due),
            priority=visit.priority,
            is_mandatory=visit.mandatory,
            unassigned_cents=visit.unassigned_cost,
            allowed_technicians=None if visit.allowed_technicians is None else stored(visit.allowed_technicians),
            forbidden_technicians=stored(visit.forbidden_technicians),
            preferred_technicians=stored(visit.preferred_technicians),
            pin=dict(self._pin(visit)),
            created_at=self.now,
        )

    def _iso(self, window: TimeWindow) -> list[str]:
        moved = self.dates.window(window)
        return [moved.earliest.isoformat(), moved.latest.isoformat()]

    def _pin(self, visit: Visit) -> Iterator[tuple[str, Any]]:
        if visit.pin is None:
            return
        if visit.pin.technician_id is not None:
            yield "technician_id", self.technician_ids[visit.pin.technician_id]
        if visit.pin.sequence is not None:
            yield "sequence", visit.pin.sequence
        if visit.pin.start is not None:
            yield "start", self.dates.instant(visit.pin.start).isoformat()


def _seconds(duration: timedelta) -> int:
    return duration // timedelta(seconds=1)
