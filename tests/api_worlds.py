"""A world in which every address of the API leads somewhere: one thing of each kind, and its id."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from starlette.testclient import TestClient

from api_client import NO_LIMITS, client_for
from booking_worlds import MORNING, TOMORROW, World, make_world
from databases import sqlite_copy
from fieldops.api.security import current_actor
from fieldops.api.stream_hub import StreamHub
from fieldops.domain.live import PlanDiff
from fieldops.store.database import Database
from fieldops.store.ids import new_id
from fieldops.store.tables import ReplanRow, SiteRow, SurveyRow, VisitRow, WorkOrderRow
from fieldops.usecases.actor import SYSTEM, Actor, Scope
from fieldops.usecases.add_note import NoteChannel
from fieldops.usecases.boards import Boards
from fieldops.usecases.context import Context
from fieldops.usecases.inbound_messages import keep_inbound
from fieldops.usecases.links import LinkPurpose, issue_link
from fieldops.usecases.passwords import hash_password
from fieldops.usecases.replan_views import diff_to_json
from fieldops.usecases.task_codes import TaskCode
from fieldops.usecases.tasks import TaskKind, open_task
from fieldops.usecases.users import create_user
from fieldops.usecases.work import Work, transact
from lent_databases import LentFiles
from worlds import OPS, add_customer, add_site, add_work_order, make_context

PASSWORD: Final = "correct horse battery staple"


@dataclass(frozen=True, slots=True, kw_only=True)
class Furnished:
    """
    The world.

    Attributes
    ----------
    ids
        By the name of the parameter in an address: ``booking_id``. Of what has no address, too: ``offer_id`` is for the
        open visit, ``other_offer_id`` for the booked one.
    customer_token
        Of a link to the work order all of these belong to.
    stranger_token
        Of a link to somebody else's work order.
    """

    ctx: Context
    world: World
    ids: Mapping[str, str]
    customer_token: str
    stranger_token: str

    def address(self, path: str, **others: str) -> str:
        """Fill in a path: ``/v1/bookings/{booking_id}``."""
        return path.format_map({**self.ids, **others})


def furnish(database: Database, **settings: Any) -> Furnished:
    """Make a world: a customer with a booked, a held and an open visit, and everything staff have around them."""
    ctx = make_context(
        database, **{**NO_LIMITS, "link_rate_limit": "1000000/minute", "webhooks_allow_private": True, **settings}
    )
    world = make_world(database, technicians=2, days=(TOMORROW, TOMORROW + timedelta(days=1)))
    with database.writing() as session:
        customer = add_customer(session)
        site = add_site(session, customer, km_north=2.0)
        order = add_work_order(session, world.territory, customer=customer, site=site)
    booked, held, open_visit = (world.visit(work_order=order) for _ in range(3))
    client = client_for(ctx, OPS)
    base = client.post("/v1/bases", json={"kind": "depot", "address": "Yard", "latitude": 38.9, "longitude": -77.0})
    booking = _booked(client, world, booked)
    plan = f"/v1/plans/{world.territory.id}/{TOMORROW.isoformat()}"
    edit = client.post(
        f"{plan}/edits",
        json={"edit": {"kind": "lock", "visit_id": booked.id}},
        headers={"If-Match": client.get(plan).headers["etag"]},
    )
    offers = [world.quote(visit).offers[-1].id for visit in (held, open_visit, booked)]
    hold = client.post("/v1/holds", json={"offer_id": offers[0]}).json()
    link, other_link = (
        transact(ctx, SYSTEM, issue_link, LinkPurpose.CUSTOMER, name)
        for name in (order.id, world.visit_at(4.0).work_order_id)
    )
    technician = world.technicians[0]
    with database.writing() as session:
        stranger_id = add_customer(session, email=None, phone=None).id
    return Furnished(
        ctx=ctx,
        world=world,
        customer_token=link.token,
        stranger_token=other_link.token,
        ids={
            **_of_staff(client, technician.id, ctx),
            **_of_customer(client, customer.id, order, site, open_visit),
            "base_id": base.json()["id"],
            "booked_visit_id": booked.id,
            "booking_id": booking["id"],
            "date": TOMORROW.isoformat(),
            "edit_id": edit.json()["id"],
            "hold_id": hold["id"],
            "inbound_id": transact(ctx, SYSTEM, keep_inbound, NoteChannel.SMS, "+12025550199", "I moved").id,
            "job_id": _canceled_job(client, world),
            "link_id": link.id,
            "message_id": client.get("/v1/messages").json()["items"][0]["id"],
            "offer_id": offers[1],
            "plan_version": client.get(plan).headers["etag"].strip('"'),
            "other_offer_id": offers[2],
            "replan_id": transact(ctx, SYSTEM, _proposed, world.territory.id),
            "service_id": _service(client, world),
            "shift_id": world.shifts[0].id,
            "stranger_id": stranger_id,
            "task_id": transact(ctx, SYSTEM, _asked_and_handed_over, booked.id),
            "technician_id": technician.id,
            "territory_id": world.territory.id,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """
    A furnished world to be copied: making one takes a second, copying it nothing.

    Attributes
    ----------
    file
        The database of `furnished`, which is closed.
    app
        Serves the copy that was opened last.
    files
        Lends the copies.
    """

    furnished: Furnished
    file: Path
    app: Any
    files: LentFiles

    @contextmanager
    def copied(self, who: Actor | str) -> Iterator[TestClient]:
        """Open a copy, and give a client of it to an actor or to somebody with a token."""
        with self.files.lent(self.file) as database:
            self.app.state.context = replace(self.furnished.ctx, database=database, boards=Boards())
            # Streams that end after their snapshot: the client here waits for the whole answer.
            self.app.state.streams = StreamHub(database, lasts_s=0.0)
            if isinstance(who, Actor):
                self.app.dependency_overrides[current_actor] = lambda: who
            try:
                yield TestClient(self.app, headers={"Authorization": f"Bearer {who}"} if isinstance(who, str) else {})
            finally:
                self.app.dependency_overrides.clear()

    @property
    def staff(self) -> Actor:
        """Somebody who may do everything, has a customer's link besides, and a technician's day."""
        ids = self.furnished.ids
        return replace(
            SYSTEM,
            id=f"user:{ids['boss_id']}",
            work_order_id=ids["work_order_id"],
            technician_id=ids["technician_id"],
        )


@contextmanager
def furnished_template(sqlite_template: Path, folder: Path) -> Iterator[Template]:
    """Furnish a world."""
    file = folder / "furnished.db"
    with sqlite_copy(sqlite_template, file) as database:
        furnished = furnish(database)
    yield Template(furnished=furnished, file=file, app=client_for(furnished.ctx).app, files=LentFiles(folder))


def _service(client: TestClient, world: World) -> str:
    """Put something on the booking page, which asks for nothing that has to be answered."""
    question = {"id": "fuel", "kind": "choice", "texts": {"en": "What does it burn?"}}
    choices = [{"id": name, "texts": {"en": name}} for name in ("gas", "oil")]
    heating = {"names": {"en": "Heating"}, "duration_s": 2_700, "questions": [{**question, "choices": choices}]}
    made = client.post(f"/v1/territories/{world.territory.id}/services", json=heating)
    return str(made.json()["id"])


def _booked(client: TestClient, world: World, visit: VisitRow) -> dict[str, Any]:
    """Book a visit for tomorrow morning."""
    hold = client.post("/v1/holds", json={"offer_id": world.offer(visit, MORNING).id}).json()
    booking: dict[str, Any] = client.post("/v1/bookings", json={"hold_id": hold["id"]}).json()
    return booking


def _of_staff(client: TestClient, technician_id: str, ctx: Context) -> dict[str, str]:
    """Add what belongs to no customer."""
    absence = {"kind": "vacation", "first_date": "2026-05-01", "last_date": "2026-05-08"}
    absent = client.post(f"/v1/technicians/{technician_id}/absences", json=absence)
    key = client.post("/v1/api-keys", json={"name": "shop", "scopes": [Scope.BOOKINGS_READ]})
    webhook = client.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/hook"})
    known = hash_password(PASSWORD)
    user, boss = (
        transact(ctx, SYSTEM, create_user, email=f"{name}@example.com", name=name, role=role, password_hash=known)
        for name, role in (("kim", "dispatcher"), ("boss", "ops"))
    )
    return {
        "boss_id": boss.id,
        "absence_id": absent.json()["absence"]["id"],
        "key_id": key.json()["id"],
        "user_id": user.id,
        "webhook_id": webhook.json()["id"],
    }


def _of_customer(
    client: TestClient, customer_id: str, order: WorkOrderRow, site: SiteRow, visit: VisitRow
) -> dict[str, str]:
    """Name what belongs to the customer."""
    customer = client.get(f"/v1/customers/{customer_id}").json()["customer"]
    return {
        "contact_id": customer["contacts"][0]["id"],
        "customer_id": customer_id,
        "site_id": site.id,
        "visit_id": visit.id,
        "work_order_id": order.id,
    }


def _asked_and_handed_over(work: Work, visit_id: str) -> str:
    """Ask a customer how a visit was, and leave a task about it."""
    visit = work.session.get_one(VisitRow, visit_id)
    task = open_task(work, TaskKind.BROKEN_PROMISE, visit, TaskCode.LATE)
    survey = SurveyRow(visit_id=visit.id, customer_id=task.customer_id, technician_id=None, asked_at=work.now)
    work.session.add(survey)
    return task.id


def _proposed(work: Work, territory_id: str) -> str:
    """Propose to change nothing."""
    nothing = PlanDiff(moves=(), cost_before={}, cost_after={}, churn=0, promises=1, kept_before=1, kept_after=1)
    row = ReplanRow(
        id=new_id("re"),
        territory_id=territory_id,
        date=TOMORROW,
        kind="improve",
        why=["asked for"],
        state="proposed",
        base_version=1,
        diff=diff_to_json(nothing),
        requested_by=SYSTEM.id,
        requested_at=work.now,
    )
    work.session.add(row)
    return row.id


def _canceled_job(client: TestClient, world: World) -> str:
    """Leave a plan job and call it off: nobody waits for its end."""
    job = client.post(f"/v1/plans/{world.territory.id}/{TOMORROW.isoformat()}/solve", json={}).json()
    client.post(f"/v1/plan-jobs/{job['id']}/cancel")
    return str(job["id"])
