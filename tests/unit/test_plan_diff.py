"""What people read before they agree to a change of plan: who moves, why, what it costs, which promises are kept."""

from datetime import timedelta
from typing import Any

import pytest

from domain_builders import at, make_problem, make_shift, make_technician, make_visit, window
from fieldops.domain.live import Move, PlanDiff, Told
from fieldops.domain.plan import Route, Stop
from fieldops.domain.problem import Problem, TimeWindow
from fieldops.units import Cents, Meters
from fieldops.usecases.naming import naming_of
from fieldops.usecases.plan_diff import diff_plans

TEN_TO_TWELVE = window("10:00", "12:00")
LEE_SHIFT = make_shift(id="lee-monday")


def day_of(*visits: str, promised: dict[str, TimeWindow] | None = None) -> Problem:
    """Make a day of Kim and Lee with visits of these names; some promised."""
    promises = promised or {}
    return make_problem(
        *(make_visit(id=name, promised_window=promises.get(name)) for name in visits),
        technicians=[make_technician(name="Kim"), make_technician(LEE_SHIFT, id="lee", name="Lee")],
    )


def route(who: str, *stops: tuple[str, str], late: int = 0, **changes: Any) -> Route:
    """Make a route of visits and their starts; the last is late by so many minutes. A stop costs 10.00 of driving."""
    made = [
        Stop(
            visit_id=name,
            arrival=at(start),
            start=at(start),
            finish=at(start) + timedelta(minutes=30),
            departure=at(start) + timedelta(minutes=30),
            wait=timedelta(0),
            slack=timedelta(0),
            lateness=timedelta(minutes=late) if pos == len(stops) - 1 else timedelta(0),
            travel=timedelta(minutes=10),
            distance=Meters(5_000),
        )
        for pos, (name, start) in enumerate(stops)
    ]
    figures: dict[str, Any] = {
        "departure": at("08:00"),
        "end": at("15:00"),
        "travel": timedelta(minutes=10) * len(made),
        "overtime": timedelta(0),
        "cost": {"travel": Cents(1_000 * len(made)), "lateness": Cents(200 * late)},
    }
    return Route(
        technician_id=who,
        shift_id=f"{who}-monday",
        stops=tuple(made),
        breaks=(),
        travel_home=timedelta(0),
        distance=Meters(5_000 * len(made)),
        work=timedelta(hours=7),
        **{**figures, **changes},
    )


def only_move(diff: PlanDiff) -> Move:
    """Return the one move of a change."""
    (move,) = diff.moves
    return move


def test_only_who_heard_of_another_time_is_told_of_a_new_one() -> None:
    """B was told 12:10 to 12:40, and C the window alone: Lee at 11:40 is news to B, nobody tells C of a new face."""
    problem = day_of("b", "c", promised={"b": TEN_TO_TWELVE, "c": TEN_TO_TWELVE})
    told = {
        "b": Told(technician_id="kim", window=TimeWindow(at("12:10"), at("12:40")), to_customer=True),
        "c": Told(technician_id="kim", window=TimeWindow(at("11:15"), at("11:45"))),
    }

    diff = diff_plans(
        problem,
        [route("kim", ("c", "11:30"), ("b", "12:25"), late=25)],
        [route("lee", ("c", "10:15"), ("b", "11:40"))],
        told=told,
    )

    assert {move.visit_id: move.tells_customer for move in diff.moves} == {"b": True, "c": False}


def test_a_promise_that_would_be_missed_goes_to_somebody_else() -> None:
    """
    Kim would be at B at 12:25, 25 minutes after the promise; Lee is there at 11:40.

    Before: two stops of 10.00 and 25 minutes of lateness at 2.00. After: two stops and no lateness.
    """
    problem = day_of("a", "b", promised={"b": TEN_TO_TWELVE})
    told = {"b": Told(technician_id="kim", window=TEN_TO_TWELVE)}

    diff = diff_plans(
        problem,
        [route("kim", ("a", "10:00"), ("b", "12:25"), late=25)],
        [route("kim", ("a", "10:00")), route("lee", ("b", "11:40"))],
        told=told,
    )

    assert only_move(diff) == Move(
        visit_id="b",
        from_technician_id="kim",
        to_technician_id="lee",
        from_start=at("12:25"),
        to_start=at("11:40"),
        from_shift_id="kim-monday",
        to_shift_id="lee-monday",
        tells_customer=False,
        why="the promise 10:00\N{EN DASH}12:00 would be missed by 25 min with Kim",
        change=1,
        cost_change_cents=-5_000,
    )
    assert (diff.promises, diff.kept_before, diff.kept_after, diff.churn) == (1, 0, 1, 1)
    assert (sum(diff.cost_before.values()), diff.cost_change) == (7_000, -5_000)


def test_what_an_absent_technician_had_is_served_by_nobody_until_it_moves() -> None:
    """Lee's route is still in the plan, but it will not be driven: it costs nothing and keeps no promise."""
    problem = day_of("a", "b", promised={"a": TEN_TO_TWELVE, "b": TEN_TO_TWELVE})
    before = [route("kim", ("a", "10:00")), route("lee", ("b", "11:00"))]

    diff = diff_plans(problem, before, [route("kim", ("a", "10:00"), ("b", "11:10"))], out={"lee-monday"})

    move = only_move(diff)
    assert (move.from_technician_id, move.to_technician_id, move.why) == ("lee", "kim", "Lee is out")
    # Lee was not named to the customer, and 11:10 is in the window.
    assert not move.tells_customer
    assert (diff.kept_before, diff.kept_after) == (1, 2)
    # Left out, B costs its priority, 3, times 100.00.
    assert diff.cost_before["unassigned"] == 30_000
    assert diff.cost_after["unassigned"] == 0


def test_an_absent_technician_is_named_though_the_problem_has_them_no_more() -> None:
    """What is left of the day knows only those who are at work."""
    problem = make_problem(make_visit(id="a"))
    before = [route("lee", ("a", "11:00"))]

    diff = diff_plans(problem, before, [], out={"lee-monday"}, names={"lee": "Lee"})

    assert only_move(diff).why == "Lee is out, and nobody else has room for it"
    assert only_move(diff).to_start is None
    assert diff.churn == 1


def test_a_small_delay_is_no_move() -> None:
    """Fifteen minutes are nothing to tell anybody; sixteen are."""
    problem = day_of("a", "b")
    before = [route("kim", ("a", "10:00"), ("b", "11:00"))]

    assert diff_plans(problem, before, [route("kim", ("a", "10:15"), ("b", "11:15"))]).moves == ()
    late = diff_plans(problem, before, [route("kim", ("a", "10:15"), ("b", "11:16"))])
    assert [move.visit_id for move in late.moves] == ["b"]
    assert late.churn == 0


def test_only_the_visit_that_changes_its_place_has_moved() -> None:
    """D from the end to the front: A, B and C keep their order, though each comes one place later."""
    problem = day_of("a", "b", "c", "d")
    before = [route("kim", ("a", "10:00"), ("b", "10:10"), ("c", "10:20"), ("d", "10:30"))]
    after = [route("kim", ("d", "10:00"), ("a", "10:10"), ("b", "10:20"), ("c", "10:30"))]

    # D comes 30 minutes sooner, the others 10 minutes later.
    assert [move.visit_id for move in diff_plans(problem, before, after).moves] == ["d"]
    patient = diff_plans(problem, before, after, tolerance=timedelta(hours=1))
    assert [move.visit_id for move in patient.moves] == ["d"]


def test_who_makes_room_says_for_whom() -> None:
    """A goes to Lee so that B, promised and late behind it, is on time."""
    problem = day_of("a", "b", promised={"b": TEN_TO_TWELVE})
    before = [route("kim", ("a", "11:00"), ("b", "12:10"), late=10)]
    after = [route("kim", ("b", "11:30")), route("lee", ("a", "11:00"))]

    why = {move.visit_id: move.why for move in diff_plans(problem, before, after).moves}

    assert why["a"] == "makes room for b, which would be late"
    assert why["b"].startswith("the promise 10:00")


def test_an_emergency_pushes_others_back() -> None:
    """The emergency had no place; what comes after it makes room for it."""
    problem = day_of("a", "leak")
    before = [route("kim", ("a", "11:00"))]

    diff = diff_plans(problem, before, [route("kim", ("leak", "10:50"), ("a", "11:40"))])

    assert [(move.visit_id, move.why) for move in diff.moves] == [
        ("leak", "had no place"),
        ("a", "makes room for leak"),
    ]
    # Nobody was told anything of either.
    assert (diff.churn, [move.tells_customer for move in diff.moves]) == (0, [False, False])


def test_visits_that_change_places_say_with_whom() -> None:
    """A goes to Lee and B to Kim."""
    problem = day_of("a", "b")
    before = [route("kim", ("a", "10:00")), route("lee", ("b", "10:00"))]

    diff = diff_plans(problem, before, [route("kim", ("b", "10:00")), route("lee", ("a", "10:00"))])

    assert {move.visit_id: move.why for move in diff.moves} == {
        "a": "changes places with b",
        "b": "changes places with a",
    }


def test_names_that_several_visits_have_come_with_their_ids() -> None:
    """Two boilers would be one and the same in a sentence."""
    problem = make_problem(
        make_visit(id="a", name="boiler"), make_visit(id="b", name="boiler"), make_visit(id="c", name="stove")
    )

    naming = naming_of(problem)

    assert [naming.what(visit.id) for visit in problem.visits] == ["boiler (a)", "boiler (b)", "stove"]


def test_who_comes_sooner_says_who_left() -> None:
    """B moves up because A, before it, has gone to Lee."""
    problem = day_of("a", "b")
    before = [route("kim", ("a", "10:00"), ("b", "11:00"), travel=timedelta(minutes=20))]
    after = [route("kim", ("b", "10:00")), route("lee", ("a", "12:00"), travel=timedelta(minutes=5))]

    why = {move.visit_id: move.why for move in diff_plans(problem, before, after).moves}

    # 20 minutes of driving before, 10 and 5 after.
    assert why == {"b": "a, before it, goes to Lee", "a": "5 min less driving"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"end": at("18:20")}, "Kim would be at work 20 min after 18:00, the latest end"),
        ({"overtime": timedelta(minutes=30)}, "30 min less overtime"),
        ({"cost": {"preference": 500, "work": 100}}, "closer to the times customers prefer"),
        ({}, "the plan as a whole costs less"),
    ],
)
def test_other_reasons(changes: dict[str, Any], why: str) -> None:
    """Nobody is late and nobody makes room: the rest of the reasons, by their weight."""
    problem = day_of("a")

    diff = diff_plans(problem, [route("kim", ("a", "15:00"), **changes)], [route("lee", ("a", "15:00"))])

    assert only_move(diff).why == why


def test_somebody_has_to_be_left_out() -> None:
    """A customer with a promise hears of it, told before or not."""
    problem = day_of("a", "b", promised={"a": TEN_TO_TWELVE, "b": TEN_TO_TWELVE})
    before = [route("kim", ("a", "11:30"), ("b", "12:20"), late=20)]

    diff = diff_plans(problem, before, [route("kim", ("b", "11:40"))])

    gone = diff.moves[-1]
    assert (gone.visit_id, gone.to_technician_id, gone.tells_customer) == ("a", None, True)
    assert gone.why == "nobody has room for it without giving up more; b would be late behind it"


def test_work_left_undone_past_its_due_time_counts_to_the_end_of_the_day() -> None:
    """Due at 12:00 and left out of a day that ends at 24:00: 12 hours at 20.00, besides 100.00 times priority 3."""
    problem = make_problem(make_visit(id="a", due=at("12:00")))

    diff = diff_plans(problem, [route("kim", ("a", "11:00"))], [])

    assert (diff.cost_after["sla"], diff.cost_after["unassigned"]) == (24_000, 30_000)


def test_every_change_has_its_cents_and_all_of_them_are_those_of_the_whole() -> None:
    """
    Kim and Lee exchange A and B, Mia only drives C and D the other way round, and E finds a place with Ned.

    Kim was 25 minutes late, 50.00; Lee will be 5 minutes late, 10.00: the exchange saves 40.00. Mia's route is 30.00
    more. Ned drives one stop more for 10.00, and E, of priority 3, is not left out any more.
    """
    people = [make_technician(make_shift(id=f"{who}-monday"), id=who, name=who) for who in ("kim", "lee", "mia", "ned")]
    visits = [make_visit(id=name, priority=3 if name == "e" else 1) for name in "abcdef"]
    problem = make_problem(*visits, technicians=people)
    before = [
        route("kim", ("a", "10:00"), late=25),
        route("lee", ("b", "10:30")),
        route("mia", ("c", "10:00"), ("d", "11:00")),
        route("ned", ("f", "10:00")),
    ]
    after = [
        route("kim", ("b", "10:15")),
        route("lee", ("a", "10:40"), late=5),
        route("mia", ("d", "10:20"), ("c", "11:20"), late=15),
        route("ned", ("f", "10:00"), ("e", "13:00")),
    ]

    diff = diff_plans(problem, before, after)

    left_out = 3 * problem.rates.unassigned_per_priority
    cents = {1: -4_000, 2: 3_000, 3: 1_000 - left_out}
    changes = {move.visit_id: (move.change, move.cost_change_cents) for move in diff.moves}
    assert (changes["b"], changes["a"], changes["e"]) == ((1, cents[1]), (1, cents[1]), (3, cents[3]))
    assert {changes[name] for name in "cd" if name in changes} == {(2, cents[2])}
    assert sum(cents.values()) == diff.cost_change


def test_visits_of_somebody_who_is_out_are_changes_of_their_own() -> None:
    """Kim takes A, Mia takes B, C finds no place: each can be judged without the others, though all were Lee's."""
    people = [make_technician(make_shift(id=f"{who}-monday"), id=who, name=who) for who in ("kim", "lee", "mia")]
    problem = make_problem(*(make_visit(id=name, priority=1) for name in "abc"), technicians=people)
    before = [route("lee", ("a", "10:00"), ("b", "11:00"), ("c", "12:00"))]
    after = [route("kim", ("a", "10:10")), route("mia", ("b", "11:10"), late=10)]

    diff = diff_plans(problem, before, after, out={"lee-monday"})

    left_out = problem.rates.unassigned_per_priority
    assert [(move.visit_id, move.change, move.cost_change_cents) for move in diff.moves] == [
        ("a", 1, 1_000 - left_out),
        ("b", 2, 3_000 - left_out),
        ("c", 3, 0),
    ]
    assert diff.cost_change == 4_000 - 2 * left_out
