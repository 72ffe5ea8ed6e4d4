"""What may be left of JSON when a person is forgotten."""

from fieldops.store.ids import new_id
from fieldops.usecases.impersonal import impersonal, with_words_replaced


def test_ids_instants_numbers_and_our_own_words_stay() -> None:
    """What happened, to which thing and when, is what the audit is kept for."""
    booking = new_id("bk")
    detail = {
        "kind": "phone",
        "booking_id": booking,
        "version": 3,
        "reopens": True,
        "nps": None,
        "window_start": "2026-03-17T14:00:00+00:00",
        "date": "2026-03-17",
        "visits": [booking],
        "fields": ["duration_s"],
    }

    assert impersonal(detail) == detail


def test_what_somebody_typed_goes_however_deep_it_stands() -> None:
    """A name is a name in a list of a list, too; numbers to call and places are no mere numbers."""
    detail = {
        "name": "Zoë",
        "value": "+12025550188",
        "number": "20260317",
        "kind": "Zoë Müller",
        "before": {"name": "Zoe", "technician_id": None},
        "reasons": [["She moved"], "bk_short"],
        "latitude": 38.9,
    }

    assert impersonal(detail) == {"before": {"technician_id": None}, "reasons": [[]]}


def test_names_are_replaced_in_sentences() -> None:
    """What a plan said of a visit stays a sentence."""
    said = {"moves": [{"why": "Pat's boiler is late", "minutes": 4}]}

    assert with_words_replaced(said, {"Pat's boiler": "vi_1"}) == {"moves": [{"why": "vi_1 is late", "minutes": 4}]}
