"""The sample city as `fieldops seed` loads it can be booked by anybody, in both languages."""

from datetime import date

import pytest

from api_client import NO_LIMITS, client_for
from fieldops.files.problem_json import load_problem
from fieldops.files.sample_city import sample_city_path
from fieldops.store.database import Database
from fieldops.travel.geocoders import TableGeocoder
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.seed import seed_problem
from fieldops.usecases.work import transact
from worlds import TODAY, make_context


@pytest.mark.parametrize(("first_date", "language"), [(TODAY, "de"), (date(2026, 3, 14), "en")], ids=["de", "en"])
def test_every_service_of_the_sample_city_can_be_had(
    sqlite_database: Database, first_date: date, language: str
) -> None:
    """Each with its longest and most demanding answers, at an address that is found by how it begins."""
    ctx = make_context(sqlite_database, geocoder=TableGeocoder(()), **NO_LIMITS)
    problem = load_problem(sample_city_path())
    seeded = transact(
        ctx, SYSTEM, seed_problem, problem, territory_name="Sample City", first_date=first_date, num_days=10
    )
    page, anybody = f"/v1/booking/{seeded.territory_id}", client_for(ctx)
    visited = next(place for place in problem.places if place.id == problem.visits[0].place_id)
    typed = (visited.address or "")[:12]

    found = anybody.post(f"{page}/locate", json={"address": typed}).json()["candidates"]
    [place] = [place for place in found if place["address"] == visited.address]
    assert place["is_served"]
    services = anybody.get(page, params={"language": language}).json()["services"]
    assert len(services) == 6
    for service in services:
        last = {
            question["id"]: question["choices"][-1]["id"]
            for question in service["questions"]
            if question["is_required"]
        }
        site = {name: place[name] for name in ("address", "latitude", "longitude")}
        wish = {"service_id": service["id"], "answers": last, "site": site, "language": language}
        begun = anybody.post(f"{page}/requests", json=wish).json()
        quote = client_for(ctx, begun["token"]).post("/v1/quotes", json={"visit_id": begun["visit_id"], "num_days": 3})

        assert quote.json()["offers"], (service["name"], quote.text)
        assert all(question["text"] for question in service["questions"])
