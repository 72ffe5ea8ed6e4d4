"""What somebody begins on the booking page and does not finish: it ends, and is forgotten."""

from datetime import timedelta

from sqlalchemy import select

from booking_worlds import MORNING
from fieldops.store.database import Database
from fieldops.store.tables import (
    AuditRow,
    ContactPointRow,
    CustomerRow,
    HoldRow,
    IdempotencyRow,
    OfferRow,
    SiteRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.usecases.forget_drafts import forget_drafts
from page_worlds import CONTACT, NEAR, make_page_world


def test_what_is_not_booked_is_forgotten(database: Database) -> None:
    """After a day nothing about person and place is left; what is booked stays."""
    page = make_page_world(database, technicians=2)
    never, held_once, booked = (
        page.customer(site={"address": f"{n} Draft Road", "latitude": NEAR[0], "longitude": NEAR[1]}) for n in range(3)
    )
    assert never.tell().status_code == 200
    never.quote()
    hold = held_once.hold()
    held_once.client.delete(f"/v1/holds/{hold['id']}")
    booked.book()
    page.begin(key="once")

    page.world.clock.advance(timedelta(hours=24, minutes=1))
    assert forget_drafts(page.world.ctx) == 3
    assert never.client.get("/v1/track").status_code == 401

    with database.reading() as session:
        addresses = set(session.scalars(select(SiteRow.address).where(SiteRow.geocoded_by == "customer")))
        names = set(session.scalars(select(CustomerRow.name)))
        states = sorted(session.scalars(select(WorkOrderRow.state)))
        assert session.scalars(select(ContactPointRow.customer_id).distinct()).all() == [
            session.scalars(select(CustomerRow.id).where(CustomerRow.name == CONTACT["name"])).one()
        ]
        assert session.scalars(select(OfferRow.visit_id).distinct()).all() == [booked.begun["visit_id"]]
        assert session.scalars(select(IdempotencyRow)).all() == []
    # Of the one that was held once a canceled visit stays, which old versions of the plan name.
    assert (addresses, names, states) == ({"", "2 Draft Road"}, {"", CONTACT["name"]}, ["canceled", "open"])
    assert held_once.client.get("/v1/track").status_code == 401
    assert forget_drafts(page.world.ctx) == 0


def test_a_draft_that_staff_have_canceled_is_forgotten_all_the_same(database: Database) -> None:
    """They see the held visit on the plan and may take it off; what was said about person and place is still there."""
    page = make_page_world(database)
    customer = page.customer()
    customer.tell()
    customer.hold()
    canceled = page.staff.post(f"/v1/work-orders/{customer.begun['work_order_id']}/cancel", json={})
    assert canceled.json()["state"] == "canceled", canceled.text

    page.world.clock.advance(timedelta(hours=24, minutes=1))

    assert (forget_drafts(page.world.ctx), forget_drafts(page.world.ctx)) == (1, 0)
    with database.reading() as session:
        assert session.scalars(select(CustomerRow.name)).all() == [""]
        assert session.scalars(select(ContactPointRow)).all() == []
        assert session.scalars(select(WorkOrderRow.unbooked_since)).all() == [None]


def test_a_draft_that_holds_a_window_is_kept_until_the_hold_ends(database: Database) -> None:
    """Whoever is at it just now must not lose it under his hands."""
    page = make_page_world(database)
    customer = page.customer()
    page.world.clock.advance(timedelta(hours=23, minutes=55))
    later = customer.quote()["offers"][-1]["id"]
    hold = customer.client.post("/v1/holds", json={"offer_id": later}).json()
    page.world.clock.advance(timedelta(minutes=6))

    # Nor can it go on for good with one window after the other.
    refused = customer.client.post("/v1/quotes", json={"visit_id": customer.begun["visit_id"]})
    assert (refused.status_code, refused.json()["details"]["state"]) == (409, "draft")
    assert forget_drafts(page.world.ctx) == 0
    assert customer.tell().status_code == 200
    assert customer.confirm(hold).status_code == 201
    assert forget_drafts(page.world.ctx) == 0


def test_the_audit_names_nobody_who_did_not_book(database: Database) -> None:
    """It is kept for good; who only looked was here, and that is all."""
    page = make_page_world(database)
    page.customer().tell()

    with database.reading() as session:
        lines = [(row.action, str(row.detail)) for row in session.scalars(select(AuditRow))]

    assert {action for action, _ in lines} == {
        *("service.created", "work_order.requested", "link.issued", "work_order.contact_given"),
    }
    assert not any(CONTACT["email"] in detail or CONTACT["name"] in detail for _, detail in lines)


def test_a_hold_of_a_draft_ends_when_its_time_is_over(database: Database) -> None:
    """Like any other: the place is free for somebody else, and the late one is told what there is instead."""
    page = make_page_world(database)
    late, quick = page.customer(), page.customer()
    with database.writing() as session:
        for visit in session.scalars(select(VisitRow)):
            visit.duration_s = 6 * 3_600
    hold = late.hold()
    page.world.clock.advance(timedelta(minutes=11))
    quick.hold(MORNING)
    late.tell()

    refused = late.confirm(hold)

    assert (refused.status_code, refused.json()["code"]) == (409, "E3003")
    assert refused.json()["details"]["offers"]
    with database.reading() as session:
        assert sorted(session.scalars(select(HoldRow.state))) == ["active", "expired"]
