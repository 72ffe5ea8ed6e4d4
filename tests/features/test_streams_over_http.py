"""Who may watch what over HTTP, and how a stream begins and ends."""

import asyncio
from typing import Any

import anyio
import pytest
from starlette.testclient import TestClient

from api_client import client_for
from fieldops.api import streaming
from fieldops.api.stream_hub import StreamHub
from fieldops.api.streaming import events
from fieldops.store.database import Database
from fieldops.usecases.actor import SCOPES_OF, Actor, Role, Scope
from fieldops.usecases.stream import topic_of_board
from fieldops.usecases.work import transact
from live_worlds import LiveWorld, make_live_world
from stream_processes import Heard, events_of
from stream_worlds import say
from worlds import STAFF, SYSTEM, TODAY, customer_of


@pytest.fixture
def world(sqlite_database: Database) -> LiveWorld:
    """Make a day: Kim serves a, b and c; a is booked."""
    return make_live_world(sqlite_database)


def _client(world: LiveWorld, who: Actor) -> TestClient:
    """Make a client whose streams end after what is there: the test client waits for the whole answer."""
    client = client_for(world.ctx, who)
    client.app.state.streams = StreamHub(world.ctx.database, lasts_s=0.2)  # type: ignore[attr-defined]
    return client


def _heard(client: TestClient, address: str, **options: Any) -> list[Heard]:
    answer = client.get(address, **options)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    return list(events_of(answer.text.splitlines()))


def _board(world: LiveWorld) -> str:
    return f"/v1/streams/board?territory_id={world.territory.id}&date={TODAY.isoformat()}"


def test_a_board_begins_with_everything_and_goes_on_from_an_id(world: LiveWorld) -> None:
    """The same JSON as the address that is read once; then only what was missed."""
    client = _client(world, STAFF)
    read = client.get(f"/v1/territories/{world.territory.id}/live/{TODAY.isoformat()}").json()

    fresh = _heard(client, _board(world))
    for number in (1, 2):
        transact(world.ctx, SYSTEM, say, world.territory.id, number)
    whole = _heard(client, _board(world))
    by_header = _heard(client, _board(world), headers={"Last-Event-ID": "1"})
    by_query = _heard(client, f"{_board(world)}&after=1")

    assert [(event.event, event.id) for event in fresh] == [("snapshot", 0), ("reset", None)]
    assert fresh[0].data == read
    assert [(event.event, event.id) for event in whole] == [("snapshot", 2), ("reset", None)]
    assert [(event.event, event.id, event.data) for event in by_header[:-1]] == [("task", 2, {"number": 2})]
    assert by_query == by_header


def test_technicians_watch_their_own_day_and_nobody_elses(world: LiveWorld) -> None:
    """It names customers, with their telephones."""
    own = _heard(_client(world, world.kim), "/v1/streams/technician")
    other = Actor(
        id="user:us_lee", role=Role.TECHNICIAN, scopes=SCOPES_OF[Role.TECHNICIAN], technician_id="tn_somebody"
    )
    planner = Actor(id="key:ak_1", role=Role.INTEGRATION, scopes=frozenset({Scope.PLANS_READ}))
    address = f"/v1/streams/technician?technician_id={world.kim.technician_id}"

    assert own[0].data["technician_id"] == world.kim.technician_id
    assert _client(world, other).get(address).status_code == 404
    assert _client(world, planner).get(address).status_code == 403
    assert _client(world, STAFF).get("/v1/streams/technician").status_code == 404
    assert _heard(_client(world, STAFF), address)[0].data == own[0].data


def test_customers_watch_their_own_visit_and_nothing_else(world: LiveWorld) -> None:
    """A link opens one work order; that there are others it does not tell."""
    visit = world.visits["a"]
    customer = customer_of(visit.work_order_id)
    address = f"/v1/streams/visit?visit_id={visit.id}"
    read = _client(world, customer).get("/v1/track").json()

    own = _heard(_client(world, customer), address)
    unnamed = _heard(_client(world, customer), "/v1/streams/visit")
    by_staff = _heard(_client(world, STAFF), address)
    stranger = _client(world, customer_of("wo_other")).get(address)
    nothing = _client(world, STAFF).get("/v1/streams/visit?visit_id=vi_none")

    assert own[0].data == unnamed[0].data == read
    assert own[0].data["visit_id"] == visit.id
    assert by_staff[0].data["visit_id"] == visit.id
    assert (stranger.status_code, nothing.status_code) == (404, 404)
    assert stranger.json()["detail"] == nothing.json()["detail"].replace("vi_none", visit.id)
    assert _client(world, customer).get(_board(world)).status_code == 403


def test_a_stream_ends_when_its_listener_may_not_listen_any_more(
    world: LiveWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A login that has ended, or a link that was revoked, ends what it had opened, too."""
    monkeypatch.setattr(streaming, "ASK_AGAIN_S", 0.0)
    allowed = iter([True, True, False])

    async def told() -> list[str]:
        """Take down what was told."""
        hub = StreamHub(world.ctx.database)
        topic = topic_of_board(world.territory.id, TODAY)
        stream = events(hub, topic, 0, "{}", lambda: next(allowed), anyio.Event())
        return [event["event"] async for event in stream]

    assert asyncio.run(told()) == ["snapshot", "reset"]
    assert list(allowed) == []
