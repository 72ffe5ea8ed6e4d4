"""Links at the edge: what they open, for how long, and who gives them."""

from dataclasses import replace
from datetime import timedelta

from starlette.testclient import TestClient

from api_client import client_for, on_both
from fieldops.usecases.actor import SYSTEM, Scope
from fieldops.usecases.context import Context
from fieldops.usecases.links import LinkPurpose, LinkView, issue_link, revoke_link
from fieldops.usecases.work import transact
from identities import add_user, log_in, read_me
from worlds import OPS, FakeClock, add_technician, add_territory, add_work_order


def _customer_link(ctx: Context) -> LinkView:
    with ctx.database.writing() as session:
        order = add_work_order(session, add_territory(session))
    return transact(ctx, SYSTEM, issue_link, LinkPurpose.CUSTOMER, order.id)


def test_a_customers_link_names_one_work_order(ctx: Context) -> None:
    """No account, no password, and nothing but one's own."""
    link = _customer_link(ctx)

    me = read_me(client_for(ctx), link.token).json()

    assert me["work_order_id"] == link.subject_id
    assert me["scopes"] == [Scope.OWN_BOOKING]
    assert link.url.endswith(f"#token={link.token}")


def test_a_link_expires(ctx: Context, clock: FakeClock) -> None:
    """Sixty days, as the settings say."""
    link = _customer_link(ctx)

    clock.advance(timedelta(days=60) - timedelta(seconds=1))
    assert read_me(client_for(ctx), link.token).status_code == 200
    clock.advance(timedelta(seconds=1))

    assert read_me(client_for(ctx), link.token).status_code == 401


def test_a_revoked_link_opens_nothing(ctx: Context) -> None:
    """Sent to the wrong customer: revoke it."""
    link = _customer_link(ctx)

    transact(ctx, OPS, revoke_link, link.id)

    assert read_me(client_for(ctx), link.token).status_code == 401


def test_a_changed_link_opens_nothing(ctx: Context) -> None:
    """Every single character counts."""
    link = _customer_link(ctx)
    head, _, signature = link.token.rpartition(".")
    other = "A" if signature[5] != "A" else "B"

    for token in (f"{head}.{signature[:5]}{other}{signature[6:]}", head, link.token + "x", f"{head}x.{signature}"):
        assert read_me(client_for(ctx), token).status_code == 401


def test_a_link_for_one_purpose_is_none_for_another(ctx: Context) -> None:
    """The calendar link on a family's kitchen computer must not open a booking, nor the other way round."""
    with ctx.database.writing() as session:
        technician = add_technician(session, add_territory(session))
    calendar = transact(ctx, SYSTEM, issue_link, LinkPurpose.CALENDAR, technician.id)
    customer = _customer_link(ctx)
    client = client_for(ctx)

    as_customer = calendar.token.replace("fol_calendar.", "fol_customer.")
    as_calendar = customer.token.replace("fol_customer.", "fol_calendar.")

    assert [read_me(client, token).status_code for token in (calendar.token, as_customer, as_calendar)] == [
        401,
        401,
        401,
    ]


def test_a_link_signed_with_another_secret_opens_nothing(ctx: Context) -> None:
    """Changing the secret ends every link; and nobody else can make one."""
    link = _customer_link(ctx)
    other = replace(ctx, settings=ctx.settings.model_copy(update={"secret": type(ctx.settings.secret)("x" * 32)}))

    assert read_me(client_for(other), link.token).status_code == 401


def test_who_may_give_links(ctx: Context) -> None:
    """A technician gives away his own calendar, and nothing else; a dispatcher both kinds."""
    with ctx.database.writing() as session:
        territory = add_territory(session)
        kim, sam = (add_technician(session, territory, name=name) for name in ("Kim", "Sam"))
        order = add_work_order(session, territory)
    add_user(ctx, role="technician", technician_id=kim.id)
    add_user(ctx, email="desk@example.com")
    login = client_for(ctx)
    technician = client_for(ctx, log_in(login).json()["access_token"])
    dispatcher = client_for(ctx, log_in(login, email="desk@example.com").json()["access_token"])

    def ask(client: TestClient, purpose: str, subject: str) -> int:
        return client.post("/v1/links", json={"purpose": purpose, "subject_id": subject}).status_code

    assert ask(technician, "calendar", kim.id) == 201
    assert ask(technician, "calendar", sam.id) == 403
    assert ask(technician, "customer", order.id) == 403
    assert ask(dispatcher, "calendar", sam.id) == 201
    assert ask(dispatcher, "customer", order.id) == 201
    assert ask(dispatcher, "customer", "wo_nothing") == 404


@on_both
def test_links_are_found_by_what_they_open(ctx: Context, clock: FakeClock) -> None:
    """Whoever is to revoke a link has to find it first; the keys themselves are not shown again."""
    with ctx.database.writing() as session:
        territory = add_territory(session)
        kim, sam = (add_technician(session, territory, name=name) for name in ("Kim", "Sam"))
        order = add_work_order(session, territory)
    links = []
    for _ in range(3):
        links.append(transact(ctx, OPS, issue_link, LinkPurpose.CALENDAR, kim.id))
        clock.advance(timedelta(minutes=1))
    transact(ctx, OPS, issue_link, LinkPurpose.CUSTOMER, order.id)
    add_user(ctx, role="technician", technician_id=kim.id)
    technician = client_for(ctx, log_in(client_for(ctx)).json()["access_token"])
    ops = client_for(ctx, OPS)

    first = ops.get("/v1/links", params={"subject_id": kim.id, "limit": 2}).json()
    second = ops.get("/v1/links", params={"subject_id": kim.id, "limit": 2, "after": first["next"]}).json()
    own = technician.get("/v1/links", params={"subject_id": kim.id})

    found = [*first["items"], *second["items"]]
    assert [item["id"] for item in found] == [link.id for link in reversed(links)]
    assert second["next"] is None
    assert {(item["token"], item["url"]) for item in found} == {(None, None)}
    assert [item["id"] for item in own.json()["items"]] == [item["id"] for item in found]
    assert len(ops.get("/v1/links", params={"subject_id": order.id}).json()["items"]) == 1
    for other in (sam.id, order.id, "wo_none"):
        assert technician.get("/v1/links", params={"subject_id": other}).status_code == 403
    assert ops.get("/v1/links").status_code == 422
