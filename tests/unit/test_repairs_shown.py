"""What would get a visit served is shown in parts, too: pages say it in their reader's language."""

from datetime import datetime
from typing import Any

import pytest

from fieldops.store.tables import SiteRow, VisitRow
from fieldops.usecases.plan_views import RepairView
from fieldops.usecases.show_routes import SeenVisit, without_place_views

REPAIR = {
    "description": "fits at 14:10 with Kim if 20 min more overtime is allowed",
    "technician_id": "tn_kim",
    "shift_id": "sh_kim",
    "start": "2026-03-16T14:10:00-04:00",
    "cost_cents": 1_200,
    "extra_overtime_s": 1_200,
}


def shown(repair: dict[str, Any] | None, **visit: Any) -> RepairView | None:
    """Show a visit that a solve has left out."""
    row = VisitRow(id="vi_1", **{"pin": {}, "forbidden_technicians": [], "allowed_technicians": None, **visit})
    seen = SeenVisit(
        visit=row, site=SiteRow(), customer_id="cu_1", customer_name="Ada", window_start=None, window_end=None
    )
    [view] = without_place_views({"vi_1": seen}, {"vi_1": {"reasons": ["shifts_full"], "repair": repair}})
    return view.repair_facts


def test_a_repair_is_shown_in_parts() -> None:
    """What a document leaves out is nothing that anybody would have to agree to."""
    facts = shown(REPAIR)

    assert facts is not None
    assert (facts.technician_id, facts.shift_id, facts.extra_overtime_s) == ("tn_kim", "sh_kim", 1_200)
    assert facts.start_at == datetime.fromisoformat("2026-03-16T18:10:00+00:00")
    assert (facts.window_shift_s, facts.missing_skills, facts.displaces) == (0, (), ())


def test_nothing_helps_and_nothing_is_shown() -> None:
    """A visit without a repair has no parts of one."""
    assert shown(None) is None


@pytest.mark.parametrize(
    ("visit", "needs"),
    [
        ({}, False),
        ({"allowed_technicians": ["tn_kim"]}, False),
        ({"allowed_technicians": ["tn_lee"]}, True),
        ({"forbidden_technicians": ["tn_kim"]}, True),
    ],
)
def test_somebody_has_to_agree_to_a_technician_who_may_not_come(visit: dict[str, Any], needs: bool) -> None:
    """A document says it in its sentence only; who may come stands with the visit."""
    facts = shown(REPAIR, **visit)

    assert facts is not None
    assert facts.needs_permission is needs
