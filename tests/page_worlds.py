"""A territory with something to book and a page anybody can open; and customers who use it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from starlette.testclient import TestClient

from api_client import NO_LIMITS, client_for
from booking_worlds import MORNING, World, make_world
from fieldops.domain.problem import TimeWindow
from fieldops.domain.service import Choice, Question, QuestionKind, Service
from fieldops.store.database import Database
from fieldops.usecases.services import create_service
from fieldops.usecases.work import transact
from worlds import LATITUDE, LONGITUDE, STAFF, TOMORROW, KnownAddresses, make_context

#: One kilometer north of the depot, where technicians start.
NEAR: Final = (LATITUDE + 0.009, LONGITUDE)
#: On another continent.
FAR: Final = (48.2, 16.37)
ADDRESS: Final = "1 Main Street, Washington"
CONTACT: Final = {"name": "Zoë Müller", "email": "zoe@example.com", "phone": "(202) 555-0188"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWorld:
    """
    A world with a page.

    Attributes
    ----------
    anybody
        A client without credentials.
    service
        Heating, 45 minutes; asks what it burns (required; gas needs the skill, oil takes a quarter of an hour more) and
        for the model.
    """

    world: World
    anybody: TestClient
    service: Service

    @property
    def page(self) -> str:
        """The address of the page."""
        return f"/v1/booking/{self.world.territory.id}"

    def wish(self, **changes: Any) -> dict[str, Any]:
        """Say what is to be done: the heating, at an address whose place is given."""
        site = {"address": ADDRESS, "latitude": NEAR[0], "longitude": NEAR[1]}
        return {"service_id": self.service.id, "answers": {"fuel": "gas"}, "site": site, **changes}

    def begin(self, *, key: str | None = None, **changes: Any) -> Any:
        """Begin to book; gives the answer."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.anybody.post(f"{self.page}/requests", json=self.wish(**changes), headers=headers)

    def customer(self, **changes: Any) -> "PageCustomer":
        """Begin to book, and go on with the token."""
        begun = self.begin(**changes)
        assert begun.status_code == 201, begun.text
        return PageCustomer(begun=begun.json(), client=client_for(self.world.ctx, begun.json()["token"]))

    @property
    def staff(self) -> TestClient:
        """Somebody who dispatches."""
        return client_for(self.world.ctx, STAFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCustomer:
    """Somebody who has begun to book; `begun` is what the page was told."""

    begun: dict[str, Any]
    client: TestClient

    def quote(self) -> dict[str, Any]:
        """Ask for windows."""
        answer = self.client.post("/v1/quotes", json={"visit_id": self.begun["visit_id"]})
        assert answer.status_code == 201, answer.text
        quote: dict[str, Any] = answer.json()
        return quote

    def offer(self, window: TimeWindow = MORNING) -> str:
        """Ask for windows and pick one."""
        start = window.earliest.isoformat().replace("+00:00", "Z")
        return next(str(offer["id"]) for offer in self.quote()["offers"] if offer["window_start"] == start)

    def hold(self, window: TimeWindow = MORNING) -> dict[str, Any]:
        """Hold a window."""
        answer = self.client.post("/v1/holds", json={"offer_id": self.offer(window)})
        assert answer.status_code == 201, answer.text
        hold: dict[str, Any] = answer.json()
        return hold

    def tell(self, **changes: Any) -> Any:
        """Say who it is; gives the answer."""
        return self.client.put("/v1/booking/contact", json={**CONTACT, **changes})

    def confirm(self, hold: dict[str, Any]) -> Any:
        """Confirm a hold; gives the answer."""
        return self.client.post("/v1/bookings", json={"hold_id": hold["id"]})

    def book(self, window: TimeWindow = MORNING) -> dict[str, Any]:
        """Hold a window, say who it is and confirm."""
        hold = self.hold(window)
        assert self.tell().status_code == 200
        answer = self.confirm(hold)
        assert answer.status_code == 201, answer.text
        booking: dict[str, Any] = answer.json()
        return booking


def make_page_world(database: Database, *, technicians: int = 1, policies: Any = None, **settings: Any) -> PageWorld:
    """Make a world: one service, and technicians who work tomorrow and the day after."""
    days = (TOMORROW, TOMORROW + timedelta(days=1))
    made = make_world(database, technicians=technicians, days=days, policies=policies or {})
    ctx = make_context(
        database,
        clock=made.clock,
        geocoder=KnownAddresses({ADDRESS: NEAR, "Ring 1, Wien": FAR}),
        **{**NO_LIMITS, **settings},
    )
    world = World(ctx=ctx, clock=made.clock, territory=made.territory, technicians=made.technicians, shifts=made.shifts)
    fuel = Question(
        id="fuel",
        kind=QuestionKind.CHOICE,
        texts={"en": "What does it burn?", "de": "Was verbrennt sie?"},
        is_required=True,
        choices=(
            Choice(id="gas", texts={"en": "Gas"}, required_skills={"gas": 2}),
            Choice(id="oil", texts={"en": "Oil", "de": "Öl"}, extra_s=900),
        ),
    )
    model = Question(id="model", kind=QuestionKind.TEXT, texts={"en": "Which model?"})
    heating = Service(
        territory_id=world.territory.id,
        names={"en": "Heating does not work", "de": "Heizung geht nicht"},
        descriptions={"en": "We find out why."},
        duration_s=2_700,
        required_skills={"gas": 1},
        priority=4,
        questions=(fuel, model),
    )
    service = transact(ctx, STAFF, create_service, heating)
    return PageWorld(world=world, anybody=client_for(ctx), service=service)
