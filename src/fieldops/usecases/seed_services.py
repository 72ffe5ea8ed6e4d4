"""What a company to try things out with offers on its booking page, in the languages of messages."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from fieldops.domain.problem import Problem
from fieldops.domain.service import Choice, Question, QuestionKind, Service
from fieldops.domain.spelling import address_key
from fieldops.store.ids import new_id
from fieldops.store.services import write_service
from fieldops.store.tables import GeocodeRow, ServiceRow
from fieldops.travel.geocoders import TABLE

Texts = tuple[str, str]


def seed_services(problem: Problem, territory_id: str, now: datetime) -> Iterator[ServiceRow]:
    """Make the services for which the problem has the skills, choices too."""
    offered = [service for service in _SERVICES if _skills(service) <= set(problem.skills)]
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


def _texts(texts: Texts) -> dict[str, str]:
    return dict(zip(("en", "de"), texts, strict=True))


def _choice(name: str, texts: Texts, *, minutes: int = 0, **skills: int) -> Choice:
    return Choice(id=name, texts=_texts(texts), extra_s=60 * minutes, required_skills=skills)


def _choose(name: str, texts: Texts, *choices: Choice) -> Question:
    return Question(id=name, kind=QuestionKind.CHOICE, texts=_texts(texts), is_required=True, choices=choices)


def _write(name: str, texts: Texts) -> Question:
    return Question(id=name, kind=QuestionKind.TEXT, texts=_texts(texts))


def _service(
    names: Texts, descriptions: Texts, *questions: Question, minutes: int, priority: int = 3, **skills: int
) -> Service:
    return Service(
        territory_id="",
        names=_texts(names),
        descriptions=_texts(descriptions),
        duration_s=60 * minutes,
        required_skills=skills,
        priority=priority,
        questions=questions,
    )


_MODEL: Final = _write("model", ("Make and model, if you know them", "Hersteller und Modell, falls bekannt"))
_UNSURE: Final = ("I am not sure", "Ich weiß es nicht")
#: Times are those of the repairs and inspections of the sample city.
_SERVICES: Final = (
    _service(
        ("Heating or cooling repair", "Heizung oder Kühlung reparieren"),
        (
            "It does not start, does not get warm or cold, or makes a noise.",
            "Sie geht nicht an, wird nicht warm oder kalt oder macht Geräusche.",
        ),
        _choose(
            "equipment",
            ("What is it?", "Was für ein Gerät ist es?"),
            _choice("boiler", ("A gas boiler or furnace", "Eine Gasheizung"), gas=1),
            _choice("heat_pump", ("A heat pump", "Eine Wärmepumpe"), minutes=15),
            _choice("cooling", ("An air conditioner", "Eine Klimaanlage")),
            _choice("unsure", _UNSURE, minutes=15),
        ),
        _MODEL,
        minutes=75,
        priority=4,
        hvac=1,
    ),
    _service(
        ("Electrical repair", "Elektrik reparieren"),
        (
            "Sockets, lights, switches and fuses that do not work.",
            "Steckdosen, Lampen, Schalter und Sicherungen, die nicht gehen.",
        ),
        _choose(
            "extent",
            ("What does not work?", "Was geht nicht?"),
            _choice("one", ("One socket, light or switch", "Eine Steckdose, Lampe oder ein Schalter")),
            _choice("room", ("A whole room", "Ein ganzes Zimmer"), minutes=15),
            _choice("all", ("Everything", "Alles"), minutes=30, electrical=2),
        ),
        minutes=60,
        electrical=1,
    ),
    _service(
        ("Leaking or blocked pipe", "Leck oder verstopfter Abfluss"),
        (
            "Taps, pipes, drains and toilets that leak or are blocked.",
            "Hähne, Leitungen, Abflüsse und Toiletten, die tropfen oder verstopft sind.",
        ),
        _choose(
            "where",
            ("Where is it?", "Wo ist es?"),
            _choice("kitchen", ("In the kitchen", "In der Küche")),
            _choice("bathroom", ("In the bathroom", "Im Bad")),
            _choice("elsewhere", ("Elsewhere, or in several places", "Woanders, oder an mehreren Stellen"), minutes=30),
        ),
        minutes=70,
        priority=4,
        plumbing=1,
    ),
    _service(
        ("Appliance repair", "Haushaltsgerät reparieren"),
        (
            "Washing machines, dishwashers, refrigerators, stoves and ovens.",
            "Waschmaschinen, Spülmaschinen, Kühlschränke, Herde und Öfen.",
        ),
        _choose(
            "appliance",
            ("Which one is it?", "Welches Gerät ist es?"),
            _choice("washer", ("A washing machine or dryer", "Waschmaschine oder Trockner")),
            _choice("dishwasher", ("A dishwasher", "Spülmaschine")),
            _choice("refrigerator", ("A refrigerator or freezer", "Kühl- oder Gefrierschrank")),
            _choice("electric_stove", ("An electric stove or oven", "Elektroherd oder Backofen")),
            _choice("gas_stove", ("A gas stove", "Gasherd"), gas=1),
        ),
        _MODEL,
        minutes=70,
        appliances=1,
    ),
    _service(
        ("Gas safety inspection", "Gasprüfung"),
        (
            "The yearly look at everything that burns gas, with a certificate.",
            "Die jährliche Prüfung aller Gasgeräte, mit Bescheinigung.",
        ),
        _choose(
            "devices",
            ("How many devices burn gas?", "Wie viele Gasgeräte sind es?"),
            _choice("one", ("One", "Eines")),
            _choice("few", ("Two or three", "Zwei oder drei"), minutes=20),
            _choice("many", ("More", "Mehr"), minutes=45),
        ),
        minutes=30,
        priority=2,
        gas=1,
    ),
    _service(
        ("Internet and network installation", "Internet und Netzwerk einrichten"),
        (
            "A new connection, a better wireless network, or cables in the wall.",
            "Ein neuer Anschluss, besseres WLAN oder Kabel in der Wand.",
        ),
        _choose(
            "work",
            ("What is to be done?", "Was soll gemacht werden?"),
            _choice("router", ("Set up a router", "Router einrichten")),
            _choice("wireless", ("Better wireless in all rooms", "WLAN in allen Zimmern"), minutes=20),
            _choice("cables", ("New cables", "Neue Kabel"), minutes=60, networks=2),
        ),
        minutes=60,
        networks=1,
    ),
)
