"""Some moves of a proposal without the others."""

from fieldops.usecases.partial_moves import with_moves

RUNNING = {"kim": ("a", "b", "c"), "lee": ("d", "e")}


def test_one_visit_goes_and_the_others_stay() -> None:
    """The proposal gives b and c to Lee; the dispatcher wants only b there."""
    proposed = {"kim": ("a",), "lee": ("d", "b", "c", "e")}

    assert with_moves(RUNNING, proposed, {"b"}) == {"kim": ("a", "c"), "lee": ("d", "b", "e")}
    assert with_moves(RUNNING, proposed, {"c"}) == {"kim": ("a", "b"), "lee": ("d", "c", "e")}
    assert with_moves(RUNNING, proposed, {"b", "c"}) == proposed


def test_nothing_accepted_changes_nothing() -> None:
    """Whatever else is proposed."""
    assert with_moves(RUNNING, {"kim": ("c", "b", "a"), "lee": ("e",)}, set()) == RUNNING


def test_an_order_changes_by_the_visit_that_was_accepted() -> None:
    """The proposal serves c first: nothing is before it, so it goes before the first of those that come after."""
    proposed = {"kim": ("c", "a", "b"), "lee": ("d", "e")}

    assert with_moves(RUNNING, proposed, {"c"})["kim"] == ("c", "a", "b")
    assert with_moves(RUNNING, proposed, {"a"})["kim"] == ("b", "c", "a")


def test_a_visit_may_fall_off_and_another_one_come_from_nowhere() -> None:
    """The proposal leaves out e and finds a place for f, on a shift that served nobody."""
    proposed = {"kim": ("a", "b", "c"), "lee": ("d",), "max": ("f",)}

    assert with_moves(RUNNING, proposed, {"e", "f"}) == {"kim": ("a", "b", "c"), "lee": ("d",), "max": ("f",)}
    assert with_moves(RUNNING, proposed, {"f"})["lee"] == ("d", "e")
