"""What somebody gets who has a key, but not to this door: nothing, and no word about what is behind it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.testclient import TestClient

from api_requests import EXAMPLES
from api_worlds import PASSWORD, Furnished, Template, furnished_template
from fieldops.usecases.actor import SYSTEM, Scope
from fieldops.usecases.api_keys import create_api_key
from fieldops.usecases.links import LinkPurpose, issue_link
from fieldops.usecases.work import transact

#: Everything a customer's link opens. Each one is a decision, and has to look at whose thing it is.
FOR_CUSTOMERS: Final = {
    "add_own_note",
    "answer_survey",
    "ask_for_call",
    "cancel_booking",
    "confirm_booking",
    "extend_hold",
    "give_contact",
    "hold_window",
    "join_waitlist",
    "leave_waitlist",
    "quote_visit",
    "read_booking",
    "read_booking_calendar",
    "read_hold",
    "read_own_survey",
    "read_visit",
    "read_work_order",
    "release_hold",
    "reschedule_booking",
    "track_visit",
    "watch_visit",
}
#: What a link says about itself.
ABOUT_ONESELF: Final = {"change_my_password", "read_me"}


@pytest.fixture(scope="module")
def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """Furnish a world once; every test gets a copy of it."""
    with furnished_template(sqlite_template, tmp_path_factory.mktemp("strangers")) as template:
        yield template


def _guarded() -> list[str]:
    """List the operations that ask for credentials."""
    public = {"log_in", "log_out", "refresh_login", "receive_sms", "record_sms_receipt"}
    public |= {"find_addresses", "list_bookable", "read_booking_page", "request_booking"}
    public |= {"read_basemap", "read_web_config"}
    return sorted(name for name in EXAMPLES if name not in public and EXAMPLES[name].path.startswith("/v1/"))


def _told(answer: Any, furnished: Furnished) -> tuple[Any, ...]:
    """Return what an answer says, without the ids that were asked for."""
    problem = answer.json()
    text = f"{problem['detail']} {problem['details']}"
    for name in sorted(furnished.ids.values(), key=len, reverse=True):
        text = text.replace(name, "<id>")
    return answer.status_code, problem["code"], problem["title"], problem["faults"], text


def test_customers_reach_what_is_meant_for_them(template: Template) -> None:
    """The list above is complete: with a right key nothing in it is forbidden, and everything else is."""
    furnished, reached = template.furnished, set()
    for name in _guarded():
        with template.copied(furnished.customer_token) as client:
            answer = client.request(**EXAMPLES[name].request(furnished))
            if answer.status_code != 403:
                # Nobody waits, who books is known already, and it is booked.
                settled = {"leave_waitlist", "give_contact", "ask_for_call"}
                assert answer.is_success or name in settled, (name, answer.text)
                reached.add(name)

    assert reached == FOR_CUSTOMERS | {"read_me"}


# Who books, and that somebody is to call, is said of one's own work order, which is not named.
@pytest.mark.parametrize("name", sorted(FOR_CUSTOMERS - {"ask_for_call", "give_contact"}))
def test_another_customers_link_tells_nothing(template: Template, name: str) -> None:
    """404, in the words for what does not exist: who guesses ids does not learn which of them are somebody's."""
    furnished = template.furnished
    nowhere = replace(furnished, ids={known: f"xx_{known}" for known in furnished.ids} | {"date": "2026-03-17"})
    with template.copied(furnished.stranger_token) as client:
        theirs = client.request(**EXAMPLES[name].request(furnished))
        nothing = client.request(**EXAMPLES[name].request(nowhere))

    assert theirs.status_code == 404
    assert _told(theirs, furnished) == _told(nothing, nowhere)


@pytest.mark.parametrize(
    "path", ["/v1/bookings/{hold_id}", "/v1/holds/{booking_id}", "/v1/visits/{work_order_id}", "/v1/users/{link_id}"]
)
def test_an_id_of_another_kind_leads_nowhere(template: Template, path: str) -> None:
    """Ids say what they are of: a program that mixes them up hears that there is no such thing."""
    with template.copied(template.staff) as client:
        answer = client.get(template.furnished.address(path))

    assert (answer.status_code, answer.json()["code"]) == (404, "E2001")


def test_a_token_of_one_kind_is_none_of_another(template: Template) -> None:
    """An access token in an address, a refresh token as credentials, a link as a login: each opens one kind of door."""
    furnished = template.furnished
    with template.copied("none") as nobody:
        ctx = nobody.app.state.context  # type: ignore[attr-defined]
        login = nobody.post("/v1/auth/login", json={"email": "kim@example.com", "password": PASSWORD}).json()
        tokens = {
            "access": login["access_token"],
            "refresh": login["refresh_token"],
            "key": transact(ctx, SYSTEM, create_api_key, name="till", scopes=list(Scope)[:9]).key or "",
            "customer": furnished.customer_token,
            "calendar": transact(ctx, SYSTEM, issue_link, LinkPurpose.CALENDAR, furnished.ids["technician_id"]).token,
        }
        own = {"Authorization": f"Bearer {furnished.customer_token}"}
        tracked = nobody.get("/v1/track", params={"visit_id": furnished.ids["booked_visit_id"]}, headers=own).json()
        tokens["appointment"] = tracked["calendar_url"].partition("?token=")[2]
        doors = {
            "credentials": lambda token: nobody.get("/v1/auth/me", headers={"Authorization": f"Bearer {token}"}),
            "exchange": lambda token: nobody.post("/v1/auth/refresh", json={"refresh_token": token}),
            "booking.ics": lambda token: _calendar(nobody, furnished, "/v1/bookings/{booking_id}/calendar.ics", token),
            "technician.ics": lambda token: _calendar(
                nobody, furnished, "/v1/technicians/{technician_id}/calendar.ics", token
            ),
        }
        answers = {(kind, door): knock(token) for kind, token in tokens.items() for door, knock in doors.items()}
        opened = {which for which, answer in answers.items() if answer.is_success}
        refused = {answer.status_code for answer in answers.values()} - {200}

    assert opened == {
        ("access", "credentials"),
        ("key", "credentials"),
        ("customer", "credentials"),
        ("refresh", "exchange"),
        ("customer", "booking.ics"),
        ("appointment", "booking.ics"),
        ("calendar", "technician.ics"),
    }
    # An access token is longer than any refresh token.
    assert refused == {401, 422}
    assert answers["access", "exchange"].json()["faults"][0]["found"] == "(not shown)"


def _calendar(client: TestClient, furnished: Furnished, path: str, token: str) -> Any:
    return client.get(furnished.address(path), params={"token": token}, headers={"Authorization": ""})
