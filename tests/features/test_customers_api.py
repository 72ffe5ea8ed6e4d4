"""Customers, addresses, work orders and visits over HTTP: what comes back, who may, what is refused."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api_client import client_for
from fieldops.store.database import Database
from fieldops.travel.geocoders import TableGeocoder
from fieldops.usecases.context import Context
from worlds import STAFF, add_technician, add_territory, customer_of, make_context

QUINCY = ("1380 Quincy Street Northwest, Washington, DC 20011", 38.937613, -77.032111)
CUSTOMER: dict[str, object] = {
    "name": "Zoë Müller",
    "contacts": [
        {"kind": "phone", "value": "(202) 555-0123"},
        {"kind": "email", "value": "Zoe@Example.com", "has_consent": True},
    ],
}
ORDER: dict[str, object] = {
    "territory_id": "te_dc",
    "summary": "Boiler does not heat",
    "customer": CUSTOMER,
    "site": {"address": "1380 Quincy St NW, Washington, DC 20011"},
    "visits": [
        {
            "duration_s": 3600,
            "required_skills": {"gas": 2},
            "windows": [{"earliest": "2026-03-17T08:00:00-04:00", "latest": "2026-03-17T12:00:00-04:00"}],
        }
    ],
}

BAD_REQUESTS: list[tuple[str, dict[str, object]]] = [
    ("/v1/customers", {"name": "Zoë\u0000"}),
    ("/v1/customers", {"name": ""}),
    ("/v1/customers", {"name": "Zoë", "contacts": [{"kind": "fax", "value": "1"}]}),
    ("/v1/customers", {"name": "Zoë", "contacts": [{"kind": "phone", "value": "x" * 255}]}),
    ("/v1/customers/lookup", {"contact": "\u0000@example.com"}),
    ("/v1/customers/lookup", {"contact": "x"}),
    ("/v1/addresses/locate", {"address": "x" * 501}),
    ("/v1/addresses/locate", {"address": "Nowhere 1"}),
    ("/v1/work-orders", {**ORDER, "visits": []}),
    ("/v1/work-orders", {**ORDER, "visits": [{"duration_s": 10**12}]}),
    ("/v1/work-orders", {**ORDER, "customer_id": "cu_x"}),
    ("/v1/work-orders", {**ORDER, "visits": [{"duration_s": 60, "due_at": "2026-03-17T08:00:00"}]}),
]
ODD_TEXTS = ("' OR 1=1 --", "x'); DROP TABLE customers; --", "%", "\\", "🙂 זואי")


@pytest.fixture
def ctx(sqlite_database: Database) -> Context:
    """Give a world with a territory, a technician and one address."""
    with sqlite_database.writing() as session:
        add_technician(session, add_territory(session, id="te_dc"), id="tn_kim")
    return make_context(sqlite_database, geocoder=TableGeocoder([QUINCY]))


@pytest.fixture
def client(ctx: Context) -> Iterator[TestClient]:
    """Give a dispatcher's client."""
    with client_for(ctx, STAFF) as client:
        yield client


def test_a_territory_that_is_not_there_is_told(client: TestClient) -> None:
    """Whoever mistypes the territory must not be told that the number is none."""
    asked = {"contact": "202 555 0123", "territory_id": "te_nowhere"}
    answer = client.post("/v1/customers/lookup", json=asked)

    assert (answer.status_code, answer.json()["details"]) == (404, {"kind": "territory", "name": "te_nowhere"})


def test_from_a_phone_call_to_a_work_order(client: TestClient) -> None:
    """The first two minutes of a call: who is it, where is it, what is it; asked again, the caller is known."""
    nobody = client.post("/v1/customers/lookup", json={"contact": "202 555 0123"})
    made = client.post("/v1/work-orders", json=ORDER, headers={"Idempotency-Key": "call-1"})
    again = client.post("/v1/work-orders", json=ORDER, headers={"Idempotency-Key": "call-1"})
    order = made.json()
    found = client.post("/v1/customers/lookup", json={"contact": "+1 202-555-0123"}).json()

    assert (nobody.status_code, nobody.json()) == (200, {"kind": "phone", "values": ["+12025550123"], "customers": []})
    assert (made.status_code, made.headers["Location"]) == (201, f"/v1/work-orders/{order['id']}")
    assert (again.status_code, again.json(), again.headers["Idempotent-Replayed"]) == (201, order, "true")
    assert order["site"]["address"] == QUINCY[0]
    assert order["visits"][0]["windows"] == [{"earliest": "2026-03-17T12:00:00Z", "latest": "2026-03-17T16:00:00Z"}]
    assert [customer["id"] for customer in found["customers"]] == [order["customer_id"]]
    assert client.get(made.headers["Location"]).json() == order
    assert [item["id"] for item in client.get("/v1/work-orders?state=open").json()["items"]] == [order["id"]]


def test_a_refused_order_names_every_fault(client: TestClient) -> None:
    """A form can put each message beside its field."""
    visit = {"duration_s": 60, "required_skills": {"hvac": 1}}
    wrong = {**ORDER, "territory_id": "te_dc", "site": {"address": "Nowhere 1"}, "visits": [visit]}
    refused = client.post("/v1/work-orders", json=wrong)
    duplicate = [client.post("/v1/customers", json=CUSTOMER) for _ in range(2)]

    assert refused.status_code == 422
    assert [fault["path"] for fault in refused.json()["faults"]] == ["site.address", "visits[0].required_skills.hvac"]
    assert [answer.status_code for answer in duplicate] == [201, 409]
    assert duplicate[1].json()["details"] == {"customer_ids": [duplicate[0].json()["id"]]}


def test_bad_requests_are_refused_with_their_faults(client: TestClient) -> None:
    """Never a failure of ours, always the field that is wrong."""
    for path, body in BAD_REQUESTS:
        refused = client.post(path, json=body)

        assert refused.status_code == 422, body
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.json()["faults"], body
    for query in ("name=%00", "reference=a%00b", "after=%00", "limit=0"):
        assert client.get(f"/v1/customers?{query}").status_code == 422, query
    assert client.get("/v1/customers/%00/timeline").status_code in {404, 422}
    assert client.get("/v1/visits/vi%00").status_code in {404, 422}


def test_text_is_only_text(client: TestClient) -> None:
    """Whatever a name says, it is stored, found and shown as it is."""
    for text in ODD_TEXTS:
        made = client.post("/v1/customers", json={"name": text, "reference": text})
        found = client.get("/v1/customers", params={"name": text, "reference": text})

        assert made.status_code == 201
        assert [item["name"] for item in found.json()["items"]] == [text]


def test_a_customer_is_read_changed_and_reached(client: TestClient) -> None:
    """Everything about a customer has an address."""
    customer = client.post("/v1/customers", json=CUSTOMER).json()
    address = f"/v1/customers/{customer['id']}"
    email = customer["contacts"][0]
    changed = client.patch(address, json={"known_technician_id": "tn_kim", "channel": "sms"}).json()
    stopped = client.put(f"{address}/contacts/{email['id']}/consent", json={"consent": "stopped"}).json()
    note = client.post(f"{address}/notes", json={"text": "Dog bites", "channel": "phone"})
    added = client.post(f"{address}/contacts", json={"kind": "phone", "value": "202 555 0199"})
    left = client.delete(f"{address}/contacts/{email['id']}").json()
    entries = client.get(f"{address}/timeline", params={"limit": 2}).json()
    notes = client.get(f"{address}/timeline", params={"kind": ["note", "message"]}).json()["items"]

    assert (changed["known_technician_id"], changed["channel"], changed["name"]) == ("tn_kim", "sms", "Zoë Müller")
    assert (stopped["consent_at"], stopped["stopped_at"]) == (None, "2026-03-16T12:00:00Z")
    assert (note.status_code, note.json()["author"], added.status_code) == (201, STAFF.id, 201)
    assert [point["value"] for point in left["contacts"]] == ["+12025550123", "+12025550199"]
    assert (len(entries["items"]), entries["next"] is not None) == (2, True)
    assert [(entry["kind"], entry["text"]) for entry in notes] == [("note", "Dog bites")]
    assert client.get(address).json()["customer"] == left
    assert client.patch(address, json={"name": None}).status_code == 422
    assert client.get("/v1/customers/cu_x").status_code == 404


def test_a_visit_is_changed_at_the_version_that_was_read(client: TestClient) -> None:
    """If-Match is required, and an old one is refused."""
    visit = client.post("/v1/work-orders", json=ORDER).json()["visits"][0]
    address = f"/v1/visits/{visit['id']}"
    read = client.get(address)
    blind = client.patch(address, json={"priority": 5})
    changed = client.patch(address, json={"priority": 5, "windows": []}, headers={"If-Match": read.headers["ETag"]})
    stale = client.patch(address, json={"priority": 1}, headers={"If-Match": read.headers["ETag"]})

    assert (read.json(), read.headers["ETag"]) == (visit, '"1"')
    assert blind.status_code == 422
    assert changed.json() == {**visit, "priority": 5, "windows": [], "version": 2}
    assert changed.headers["ETag"] == '"2"'
    assert (stale.status_code, stale.json()["code"]) == (412, "E3008")


def test_a_link_shows_its_order_without_what_is_internal(ctx: Context, client: TestClient) -> None:
    """A customer sees the own order and nothing of costs and people; another one's order is not there at all."""
    order = client.post("/v1/work-orders", json=ORDER).json()
    with client_for(ctx, customer_of(order["id"])) as own, client_for(ctx, customer_of("wo_other")) as other:
        seen = own.get(f"/v1/work-orders/{order['id']}").json()
        visit = own.get(f"/v1/visits/{order['visits'][0]['id']}").json()
        for path in (f"/v1/work-orders/{order['id']}", f"/v1/visits/{order['visits'][0]['id']}"):
            refused = other.get(path)
            assert (refused.status_code, refused.json()["code"]) == (404, "E2001")
        for path in ("/v1/customers", f"/v1/customers/{order['customer_id']}", "/v1/work-orders"):
            assert own.get(path).status_code == 403

    assert seen["visits"] == [visit]
    assert set(seen) == {"id", "summary", "state", "address", "visits"}
    assert not set(visit) & {"priority", "required_skills", "unassigned_cents", "preferred_technicians", "version"}


def test_an_order_is_canceled_over_http(client: TestClient) -> None:
    """The answer shows what became of the visits."""
    order = client.post("/v1/work-orders", json=ORDER).json()
    canceled = client.post(f"/v1/work-orders/{order['id']}/cancel", json={"reason": "Works again"})

    assert canceled.status_code == 200
    assert canceled.json()["state"] == "canceled"
    assert [visit["state"] for visit in canceled.json()["visits"]] == ["canceled"]


def test_an_address_is_found_in_another_spelling(client: TestClient) -> None:
    """The form shows the address as it is known."""
    found = client.post("/v1/addresses/locate", json={"address": "1380 quincy st. n.w. washington dc 20011"})

    assert (found.status_code, found.json()) == (
        200,
        {"address": QUINCY[0], "latitude": QUINCY[1], "longitude": QUINCY[2], "geocoded_by": "table"},
    )
