"""Rate limits on a live day: a program in a loop, or a page that asks all the time, is slowed down; nobody else is."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from api_client import client_for
from fieldops.store.database import Database
from fieldops.store.tables import ProgressEventRow, VisitRow
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.api_keys import create_api_key
from fieldops.usecases.links import LinkPurpose, issue_link
from fieldops.usecases.work import transact
from live_worlds import LiveWorld, make_live_world
from worlds import TODAY, local


@pytest.fixture
def world(sqlite_database: Database) -> LiveWorld:
    """Make a day, with limits of three requests an hour, and two for whoever has a link."""
    made = make_live_world(sqlite_database)
    small = made.ctx.settings.model_copy(update={"rate_limit": "3/hour", "link_rate_limit": "2/hour"})
    return replace(made, ctx=replace(made.ctx, settings=small))


def client_of(world: LiveWorld, name: str) -> TestClient:
    """Give a program a key of its own."""
    scopes = ["plans:read", "plans:write"]
    made = transact(world.ctx, SYSTEM, create_api_key, name=name, scopes=scopes)
    assert made.key is not None
    return client_for(world.ctx, made.key)


def report(client: TestClient, world: LiveWorld, number: int) -> Any:
    """Report where Kim is."""
    event = {
        "id": f"ev-{number}",
        "kind": "position",
        "occurred_at": (local("08:00") + timedelta(seconds=number)).isoformat(),
        "technician_id": world.technician.id,
        "latitude": world.latitude(1.0),
        "longitude": -77.03,
    }
    return client.post("/v1/progress", json={"events": [event]})


def test_a_phone_gateway_in_a_loop_is_told_when_to_go_on(world: LiveWorld) -> None:
    """The fourth report is refused as a whole, with the time to wait; sent by somebody else it is as good as ever."""
    gateway, other = client_of(world, "gateway"), client_of(world, "other")

    answers = [report(gateway, world, number) for number in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].json()["code"] == "E4003"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3_600
    assert world.row(ProgressEventRow, "ev-3") is None
    assert report(other, world, 3).status_code == 200
    assert world.row(ProgressEventRow, "ev-3") is not None


@pytest.mark.parametrize("page", ["live", "replans", "stream"])
def test_who_asks_for_the_board_all_the_time_is_told_to_wait(world: LiveWorld, page: str) -> None:
    """One budget for all that a key does: a loop over one page is a loop. A stream beyond it is not even begun."""
    board = f"/v1/territories/{world.territory.id}/live/{TODAY.isoformat()}"
    address = {
        "live": board,
        "replans": f"/v1/replans?territory_id={world.territory.id}",
        "stream": f"/v1/streams/board?territory_id={world.territory.id}&date={TODAY.isoformat()}",
    }[page]
    wall = client_of(world, "wall")

    assert [wall.get(board).status_code for _ in range(3)] == [200, 200, 200]
    refused = wall.get(address)

    assert (refused.status_code, refused.json()["code"]) == (429, "E4003")


def test_a_customer_who_reloads_the_tracking_page_again_and_again_is_told_to_wait(world: LiveWorld) -> None:
    """Links have a smaller budget, each its own: another customer's page goes on."""
    tokens = []
    for name in "ab":
        order_id = world.row(VisitRow, world.ids[name]).work_order_id
        tokens.append(transact(world.ctx, SYSTEM, issue_link, LinkPurpose.CUSTOMER, order_id).token)
    eager, other = (client_for(world.ctx, token) for token in tokens)

    assert [eager.get("/v1/track").status_code for _ in range(3)] == [200, 200, 429]
    # Nothing was promised about b: there is no page, but the question was answered.
    assert other.get("/v1/track").status_code == 404
