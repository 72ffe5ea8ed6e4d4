"""Hard rules that a route breaks, in words people use."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from fieldops.domain.plan import Route
from fieldops.domain.problem import Shift, Technician, Visit
from fieldops.report.wording import clock, count_words, excess_words
from fieldops.solver.solution import Violation, ViolationCode
from fieldops.usecases.naming import Naming
from fieldops.usecases.translate import Translation


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRule:
    """
    One hard rule that a plan breaks.

    Attributes
    ----------
    technician_id, shift_id, visit_id
        Where; None when it is about no route, or about no single visit.
    amount
        By how much: seconds, visits, levels or ranks, as the code implies; 0 when it cannot be measured.
    sentence
        For people.
    """

    code: ViolationCode
    technician_id: str | None
    shift_id: str | None
    visit_id: str | None
    amount: int
    sentence: str

    @property
    def is_about(self) -> tuple[ViolationCode, str | None, str | None]:
        """What stays the same when it only gets better or worse."""
        return self.code, self.shift_id, self.visit_id


def broken_rules(
    translation: Translation, naming: Naming, route: Route, violations: Iterable[Violation]
) -> list[BrokenRule]:
    """
    Say which rules a route breaks, each once.

    Parameters
    ----------
    route
        As it would be driven.
    violations
        What the referee says about it.
    """
    people = {shift.id: (technician, shift) for technician, shift in translation.shifts}
    about = _About(translation=translation, naming=naming, route=route, people=people[route.shift_id])
    rules: dict[str, BrokenRule] = {}
    for found in violations:
        visit = None if found.visit is None else translation.problem.visits[found.visit]
        rule = BrokenRule(
            code=found.code,
            technician_id=route.technician_id,
            shift_id=route.shift_id,
            visit_id=None if visit is None else visit.id,
            amount=found.amount,
            sentence=_sentence(about, found, visit),
        )
        rules.setdefault(rule.sentence, rule)
    return list(rules.values())


def left_out(naming: Naming, visit: Visit) -> BrokenRule:
    """Say that a visit which has to be served is on no route."""
    return BrokenRule(
        code=ViolationCode.MISSING,
        technician_id=None,
        shift_id=None,
        visit_id=visit.id,
        amount=0,
        sentence=f"{naming.what(visit.id)} has to be served and is left out",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """What a sentence may need to know."""

    translation: Translation
    naming: Naming
    route: Route
    people: tuple[Technician, Shift]

    @property
    def who(self) -> str:
        """The technician's name."""
        return self.naming.who(self.route.technician_id)

    def at(self, visit: Visit) -> str:
        """When a visit's service starts."""
        start = next(stop.start for stop in self.route.stops if stop.visit_id == visit.id)
        return clock(start, ZoneInfo(self.translation.problem.time_zone))

    def time(self, shift: Shift) -> str:
        """When a shift ends at the latest."""
        return clock(shift.hard_end, ZoneInfo(self.translation.problem.time_zone))


def _sentence(about: _About, found: Violation, visit: Visit | None) -> str:
    """Say what is broken, and by how much."""
    return _route_sentence(about, found) if visit is None else _visit_sentence(about, found, visit)


def _visit_sentence(about: _About, found: Violation, visit: Visit) -> str:
    """Say what is wrong with one visit of the route."""
    technician, what = about.people[0], about.naming.what(visit.id)
    pinned_to = None if visit.pin is None else visit.pin.technician_id
    match found.code:
        case ViolationCode.SKILL:
            return f"{about.who} lacks what {what} requires: {_lacking(technician, visit)}"
        case ViolationCode.TECHNICIAN if pinned_to not in {None, technician.id}:
            return f"{what} is pinned to {about.naming.who(str(pinned_to))}"
        case ViolationCode.TECHNICIAN:
            return f"{about.who} may not serve {what}"
        case ViolationCode.SEQUENCE:
            return f"{what} comes after a visit that is pinned to come after it"
        case ViolationCode.WINDOW if visit.pin is not None and visit.pin.start is not None:
            return f"{what} starts at {about.at(visit)}, {_minutes(found)} after the start it is pinned to"
        case ViolationCode.WINDOW:
            return f"{what} starts at {about.at(visit)}, {_minutes(found)} outside its windows"
    return f"{what}: {found.message}"


def _route_sentence(about: _About, found: Violation) -> str:
    """Say what is wrong with the route as a whole, or with a break."""
    shift = about.people[1]
    match found.code:
        case ViolationCode.BREAK if found.break_pos is not None:
            name = shift.breaks[found.break_pos].name or "a break"
            return f"{name} of {about.who} begins {_minutes(found)} too late"
        case ViolationCode.HARD_END:
            return f"{about.who} is at work {_minutes(found)} after {about.time(shift)}, the latest end"
        case ViolationCode.MAX_VISITS:
            return f"{about.who} has {count_words(found.amount, 'visit')} more than allowed"
        case ViolationCode.MAX_TRAVEL:
            return f"{about.who} drives {_minutes(found)} more than allowed"
        case ViolationCode.MAX_WORK:
            return f"{about.who} works {_minutes(found)} more than allowed"
    return f"{about.who}: {found.message}"


def _minutes(found: Violation) -> str:
    """Say seconds as minutes."""
    return excess_words(timedelta(seconds=found.amount))


def _lacking(technician: Technician, visit: Visit) -> str:
    """List the skills a technician lacks at a visit."""
    held = technician.skills
    return ", ".join(
        f"{skill} at level {least} (has {held.get(skill, 0)})"
        for skill, least in visit.required_skills.items()
        if held.get(skill, 0) < least
    )
