"""What a company to try things out with offers on its booking page, in the languages of messages."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from fieldops.domain.problem import Problem
from fieldops.domain.service import Service
from fieldops.domain.spelling import address_key
from fieldops.files.reading import read_text
from fieldops.files.sample_city import sample_services_path
from fieldops.store.ids import new_id
from fieldops.store.services import service_from_json, write_service
from fieldops.store.tables import GeocodeRow, ServiceRow
from fieldops.travel.geocoders import TABLE


def seed_services(problem: Problem, territory_id: str, now: datetime) -> Iterator[ServiceRow]:
    """Make the services of the sample city for which the problem has the skills, choices too."""
    document = json.loads(read_text(sample_services_path()))
    services = [service_from_json(fields, territory_id) for fields in document]
    offered = [service for service in services if _skills(service) <= set(problem.skills)]
    for position, service in enumerate(offered, start=1):
        row = ServiceRow(id=new_id("sv"), territory_id=territory_id, created_at=now)
        write_service(row, service)
        row.position = position
        yield row


def public_addresses(problem: Problem, visited: Mapping[str, Any], now: datetime) -> Iterator[GeocodeRow]:
    """
    Make the entries of the address table that everybody may look up: the places of the problem that are visited.

    Where technicians live is not among them, and an address with two places neither.
    """
    by_key: dict[str, GeocodeRow | None] = {}
    for place in problem.places:
        key = address_key(place.address or "")
        if place.id not in visited or not key:
            continue
        row = GeocodeRow(
            query=key,
            provider=TABLE,
            address=place.address,
            latitude=place.latitude,
            longitude=place.longitude,
            found_at=now,
        )
        known = by_key.setdefault(key, row)
        if known is not None and (known.latitude, known.longitude) != (row.latitude, row.longitude):
            by_key[key] = None
    yield from (row for row in by_key.values() if row is not None)


def _skills(service: Service) -> set[str]:
    """List all skills a service may need."""
    choices = (choice for question in service.questions for choice in question.choices)
    return {*service.required_skills, *(skill for choice in choices for skill in choice.required_skills)}
