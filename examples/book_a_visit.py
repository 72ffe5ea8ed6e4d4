"""
Book an appointment from a program: look the customer up, ask for windows, hold one, confirm, move, cancel.

Needs nothing of fieldops but its address, and httpx. Against ``fieldops serve`` with the sample city::

    fieldops seed                      # prints the dispatcher's password
    fieldops serve
    python examples/book_a_visit.py --password PASSWORD
"""

import argparse
import getpass
import sys
import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx

CUSTOMER = {
    "name": "Robin Example",
    "contacts": [
        {"kind": "phone", "value": "+1 703 555 0187", "has_consent": True},
        {"kind": "email", "value": "robin@example.com", "has_consent": True},
    ],
}
SITE = {"address": "1600 Irving St NW, Washington, DC 20010", "latitude": 38.9286, "longitude": -77.0375}


class Refused(Exception):
    """The service said no."""

    def __init__(self, problem: dict[str, Any]) -> None:
        faults = "".join(f"\n  {fault['path']}: {fault['expected']}" for fault in problem["faults"])
        super().__init__(f"{problem['code']} {problem['detail']}{faults}")
        self.problem = problem


class Fieldops:
    """
    The API of one service.

    Every POST carries an Idempotency-Key of its own, so that a request whose answer was lost can be sent again.
    """

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=f"{url.rstrip('/')}/v1", timeout=30, transport=httpx.HTTPTransport(retries=2))

    def log_in(self, email: str, password: str) -> None:
        """Log in; the token goes with every later request."""
        login = self.post("/auth/login", email=email, password=password)
        self.http.headers["Authorization"] = f"Bearer {login['access_token']}"

    def get(self, path: str, **query: Any) -> Any:
        """Read something."""
        return self._answer(self.http.get(path, params=query))

    def post(self, path: str, **body: Any) -> Any:
        """Do something."""
        return self._answer(self.http.post(path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())}))

    def _answer(self, response: httpx.Response) -> Any:
        """Return the answer, or raise what the problem document says."""
        if response.is_success:
            return response.json()
        if response.headers.get("content-type", "").startswith("application/problem+json"):
            raise Refused(response.json())
        raise SystemExit(f"unexpected answer: {response.status_code} {response.text[:200]}")


def main() -> None:
    """Walk through one appointment."""
    options = _options()
    service = Fieldops(options.url)
    service.log_in(options.email, options.password or getpass.getpass(f"Password of {options.email}: "))

    territory = service.get("/territories")["items"][0]
    zone = ZoneInfo(territory["time_zone"])
    print(f"Territory: {territory['name']} ({territory['time_zone']})")

    order = _take_down(service, territory["id"])
    visit = order["visits"][0]
    print(f"Work order {order['id']}: {order['summary']}, {visit['duration_s'] // 60} minutes")

    quote = service.post("/quotes", visit_id=visit["id"])
    print(f"{len(quote['offers'])} windows can be had, {len(quote['refused'])} cannot. The best ones:")
    for offer in quote["offers"][:4]:
        reasons = ", ".join(reason.replace("_", " ") for reason in offer["reasons"]) or "possible"
        print(f"  {_shown(offer, zone)}  costs {offer['cost_cents'] / 100:7.2f}  {reasons}")

    hold = _hold_first(service, quote["offers"])
    print(f"Held {_shown(hold, zone)} for {hold['seconds_left']} seconds")

    booking = service.post("/bookings", hold_id=hold["id"])
    print(f"Booked {_shown(booking, zone)}: {booking['id']}")

    other = service.post("/quotes", visit_id=visit["id"])["offers"][0]
    booking = service.post(f"/bookings/{booking['id']}/reschedule", offer_id=other["id"])
    print(f"Moved to {_shown(booking, zone)}, version {booking['version']}")

    booking = service.post(f"/bookings/{booking['id']}/cancel", reason="The boiler works again")
    print(f"The booking is {booking['state']}: {booking['cancel_reason']}")


def _take_down(service: Fieldops, territory_id: str) -> Any:
    """Find the customer by phone number, or take a new one down, and say what is to be done."""
    number = CUSTOMER["contacts"][0]["value"]  # type: ignore[index]
    known = service.post("/customers/lookup", contact=number, territory_id=territory_id)["customers"]
    who: dict[str, Any]
    if known:
        print(f"{number} is {known[0]['name']}, a customer we know")
        who = {"customer_id": known[0]["id"], "site_id": known[0]["sites"][0]["id"]}
    else:
        print(f"{number} is nobody we know: {CUSTOMER['name']}")
        who = {"customer": CUSTOMER, "site": SITE}
    visits = [{"duration_s": 2_700, "priority": 4}]
    return service.post("/work-orders", territory_id=territory_id, summary="Boiler does not heat", visits=visits, **who)


def _hold_first(service: Fieldops, offers: list[Any]) -> Any:
    """Hold the best window; when somebody was faster, the answer says what else there is."""
    while offers:
        try:
            return service.post("/holds", offer_id=offers[0]["id"])
        except Refused as refused:
            if refused.problem["status"] != 409:
                raise
            print(f"  {refused.problem['title']}")
            offers = refused.problem["details"].get("offers", [])
    raise SystemExit("no window can be had any more")


def _shown(window: Any, zone: ZoneInfo) -> str:
    """Write a window as its customer reads it."""
    start = datetime.fromisoformat(window["window_start"]).astimezone(zone)
    end = datetime.fromisoformat(window["window_end"]).astimezone(zone)
    return f"{start:%a %Y-%m-%d %H:%M}-{end:%H:%M}"


def _options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Book, move and cancel an appointment over the API of fieldops.")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--email", default="dispatcher@example.com")
    parser.add_argument("--password", help="asked for when not given")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except Refused as refused:
        sys.exit(f"refused: {refused}")
    except httpx.HTTPError as error:
        sys.exit(f"the service does not answer: {error}")
