"""Territories over HTTP: made by ops, read by everybody who plans or books, never bent under what is planned."""

from typing import Any

from api_client import client_for, on_both
from fieldops.store.tables import TerritoryRow
from fieldops.store.territories import territory_of
from fieldops.usecases.context import Context
from worlds import OPS, STAFF, add_shift, add_technician, add_territory, add_visit

BODY: dict[str, Any] = {
    "name": "Washington",
    "time_zone": "America/New_York",
    "offered_windows": [{"weekdays": [0, 1, 2, 3, 4], "start": "08:00", "end": "10:00"}],
    "skills": ["gas", "power"],
    "policies": {"hold_minutes": 5, "quiet_from": "21:30", "contact": "Example Gas, 202 555 0100"},
    "rates": {"travel_per_km_cents": 45},
}


@on_both
def test_what_was_written_is_what_is_read(ctx: Context) -> None:
    """And what was left out is as the product has it."""
    made = client_for(ctx, OPS).post("/v1/territories", json=BODY)

    read = client_for(ctx, STAFF).get(made.headers["Location"]).json()
    assert read == made.json()
    assert {name: read[name] for name in ("name", "time_zone", "offered_windows", "skills")} == {
        name: BODY[name] for name in ("name", "time_zone", "offered_windows", "skills")
    }
    assert read["policies"]["hold_minutes"] == 5
    assert read["policies"]["notice_minutes"] == 120
    assert read["rates"]["travel_per_km_cents"] == 45
    assert read["rates"]["travel_per_hour_cents"] == 3_600
    assert read["travel"]["kind"] == "geodesic"


def test_a_replaced_territory_is_what_use_cases_see(ctx: Context) -> None:
    """A rule changed here counts for the next quote."""
    ops = client_for(ctx, OPS)
    made = ops.post("/v1/territories", json=BODY).json()
    changed = {name: value for name, value in made.items() if name != "id"}
    changed["policies"]["buffer_minutes"] = 20
    changed["live"] |= {"is_automatic": False, "survey_after_minutes": None, "replan_after_s": 0.5}

    answer = ops.put(f"/v1/territories/{made['id']}", json=changed)

    assert answer.json()["policies"]["buffer_minutes"] == 20
    with ctx.database.reading() as session:
        row = session.get(TerritoryRow, made["id"])
        assert row is not None
        territory = territory_of(row)
        assert territory.policies.buffer.total_seconds() == 20 * 60
        assert (territory.live.is_automatic, territory.live.survey_after) == (False, None)
        assert territory.live.replan_after.total_seconds() == 0.5


def test_all_faults_of_form_come_at_once(ctx: Context) -> None:
    """Types and ranges are judged first."""
    body = {
        **BODY,
        "offered_windows": [{"weekdays": [7], "start": "8:00", "end": "25:00"}],
        "policies": {"hold_minutes": -1, "horizon_days": 15},
        "color": "red",
    }

    answer = client_for(ctx, OPS).post("/v1/territories", json=body)

    assert [fault["path"] for fault in answer.json()["faults"]] == [
        "offered_windows[0].weekdays[0]",
        "offered_windows[0].start",
        "offered_windows[0].end",
        "policies.hold_minutes",
        "policies.horizon_days",
        "color",
    ]


def test_all_faults_of_meaning_come_at_once(ctx: Context) -> None:
    """Then what only the domain knows."""
    body = {
        **BODY,
        "time_zone": "America/Atlantis",
        "offered_windows": [{"weekdays": [0], "start": "10:00", "end": "08:00"}],
        "skills": ["gas", "gas"],
    }

    answer = client_for(ctx, OPS).post("/v1/territories", json=body)

    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["faults"]] == ["time_zone", "skills[1]", "offered_windows[0].end"]


@on_both
def test_a_name_belongs_to_one_territory(ctx: Context) -> None:
    """Two with one name get mixed up on the phone."""
    ops = client_for(ctx, OPS)
    first = ops.post("/v1/territories", json=BODY).json()
    second = ops.post("/v1/territories", json={**BODY, "name": "Baltimore"}).json()

    made = ops.post("/v1/territories", json=BODY)
    renamed = ops.put(f"/v1/territories/{second['id']}", json=BODY)
    kept = ops.put(f"/v1/territories/{first['id']}", json=BODY)

    assert [(answer.status_code, answer.json()["details"]) for answer in (made, renamed)] == [
        (409, {"territory_id": first["id"]})
    ] * 2
    assert kept.status_code == 200


def test_a_territory_with_shifts_keeps_its_time_zone(ctx: Context) -> None:
    """Their dates are dates of that zone: moving it would move a night shift to another day."""
    with ctx.database.writing() as session:
        territory = add_territory(session)
        add_shift(session, add_technician(session, territory))
    ops = client_for(ctx, OPS)

    moved = ops.put(f"/v1/territories/{territory.id}", json={**BODY, "time_zone": "Europe/Berlin"})
    kept = ops.put(f"/v1/territories/{territory.id}", json=BODY)

    assert (moved.status_code, moved.json()["code"]) == (409, "E3005")
    assert kept.status_code == 200


@on_both
def test_a_skill_in_use_stays_listed(ctx: Context) -> None:
    """A visit that needs a skill which does not exist could never be planned again."""
    with ctx.database.writing() as session:
        territory = add_territory(session, skills=["gas", "power", "water"])
        add_technician(session, territory, skills={"gas": 1})
        add_visit(session, territory, required_skills={"power": 1})
        add_visit(session, territory, required_skills={"water": 1}, state="done")

    answer = client_for(ctx, OPS).put(f"/v1/territories/{territory.id}", json={**BODY, "skills": []})

    assert [(fault["found"], fault["expected"]) for fault in answer.json()["faults"]] == [
        ("no 'gas'", "'gas', which a technician has"),
        ("no 'power'", "'power', which a visit needs"),
    ]


@on_both
def test_lists_come_in_pages_that_lose_nothing(ctx: Context) -> None:
    """Five territories, two a page: 2 + 2 + 1."""
    with ctx.database.writing() as session:
        ids = sorted(add_territory(session, name=f"T{number}").id for number in range(5))
    client = client_for(ctx, STAFF)
    pages: list[list[str]] = []
    after: dict[str, str] = {}

    while True:
        page = client.get("/v1/territories", params={"limit": 2, **after}).json()
        pages.append([territory["id"] for territory in page["items"]])
        if page["next"] is None:
            break
        after = {"after": page["next"]}

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [name for page in pages for name in page] == ids


@on_both
def test_the_audit_comes_newest_first_in_pages(ctx: Context) -> None:
    """Who changed the rules, and when, is answered from the newest line back."""
    ops = client_for(ctx, OPS)
    for name in ("A", "B", "C"):
        ops.post("/v1/territories", json={**BODY, "name": name})

    first = ops.get("/v1/audit", params={"limit": 2}).json()
    second = ops.get("/v1/audit", params={"limit": 2, "after": first["next"]}).json()

    assert [line["detail"]["name"] for line in first["items"] + second["items"]] == ["C", "B", "A"]
    assert second["next"] is None
    assert ops.get("/v1/audit", params={"by": "user:us_other"}).json()["items"] == []
