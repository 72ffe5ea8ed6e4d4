"""A plan job has to come to an end: called off, put back, taken for ended, given up, or with a reason why not."""

from datetime import timedelta
from typing import Any

import pytest

from fieldops.domain.plan import Plan
from fieldops.errors import InvalidInput, NotFound, WrongState
from fieldops.store.database import Database
from fieldops.store.tables import TerritoryRow
from fieldops.usecases.plan_day import MOST_ATTEMPTS, Ended, plan_now, run_solve
from fieldops.usecases.plan_problem import plan_problem
from fieldops.usecases.publish_plan import publish_plan
from fieldops.usecases.request_solve import cancel_solve, read_plan_job, request_solve
from fieldops.usecases.work import transact, view
from planned_dates import (
    TOMORROW,
    add_date,
    change_job,
    during_the_solve,
    leave_solve,
    running_orders,
    search_quickly,
    solved,
)
from worlds import STAFF, TODAY, make_context


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    search_quickly(monkeypatch)


def test_a_second_request_for_a_date_that_waits_is_the_first_one(database: Database) -> None:
    """An impatient click must not cost another solve."""
    ctx = make_context(database)
    names = add_date(database)
    first = transact(ctx, STAFF, request_solve, names.territory, TOMORROW, 5)
    second = transact(ctx, STAFF, request_solve, names.territory, TOMORROW, 3, True)
    assert second.id == first.id
    assert (second.seconds, second.publishes) == (5, True)
    assert [left.job_id for left in ctx.jobs.left] == [first.id]  # type: ignore[attr-defined]
    assert ctx.jobs.left[0].partition == names.territory  # type: ignore[attr-defined]


def test_a_job_that_is_in_no_queue_takes_no_request_over(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample city whose process was killed must not keep its first date from ever being planned."""
    ctx = make_context(database)
    names = add_date(database)
    monkeypatch.setattr("fieldops.usecases.plan_day.run_solve", lambda *_: None)
    seed = plan_now(ctx, STAFF, names.territory, TOMORROW, seconds=1)
    asked = transact(ctx, STAFF, request_solve, names.territory, TOMORROW, 1)
    assert (seed.state, asked.reason) == ("queued", "requested")
    assert [left.job_id for left in ctx.jobs.left] == [asked.id]  # type: ignore[attr-defined]


def test_a_request_that_makes_no_sense_is_refused_with_all_its_faults(database: Database) -> None:
    """A date of last year and a budget of a day are slips of the pen."""
    ctx = make_context(database)
    names = add_date(database)
    with pytest.raises(InvalidInput) as refused:
        transact(ctx, STAFF, request_solve, names.territory, TODAY - timedelta(days=1), 90_000)
    assert [fault.path for fault in refused.value.faults] == ["date", "seconds"]
    with pytest.raises(NotFound, match="territory"):
        transact(ctx, STAFF, request_solve, "te_unknown", TOMORROW)
    for use_case in (read_plan_job, cancel_solve):
        with pytest.raises(NotFound, match="plan job"):
            transact(ctx, STAFF, use_case, "jo_unknown")


def test_a_job_that_waits_is_called_off_at_once(database: Database) -> None:
    """What nobody wants any more must not start."""
    ctx = make_context(database)
    names = add_date(database)
    job_id = leave_solve(ctx, names)
    assert transact(ctx, STAFF, cancel_solve, job_id).state == "canceled"
    assert transact(ctx, STAFF, cancel_solve, job_id).state == "canceled"
    assert run_solve(ctx, job_id) is Ended.DONE
    assert view(ctx, STAFF, read_plan_job, job_id).attempts == 0
    # The next request does not get the one that was called off.
    assert leave_solve(ctx, names) != job_id


def test_a_job_that_runs_is_called_off_within_its_budget(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A solve of ten minutes for the wrong date is not waited for."""
    ctx = make_context(database)
    names = add_date(database)
    job_id = transact(ctx, STAFF, request_solve, names.territory, TOMORROW, 600).id
    during_the_solve(monkeypatch, lambda: transact(ctx, STAFF, cancel_solve, job_id))
    run_solve(ctx, job_id)
    job = view(ctx, STAFF, read_plan_job, job_id)
    assert (job.state, job.draft) == ("canceled", None)
    # Progress was written down at least once: that is when the search found out.
    assert job.progress is not None
    assert set(job.progress) == {"elapsed_s", "iterations", "cost_cents", "unassigned"}
    with pytest.raises(WrongState):
        transact(ctx, STAFF, publish_plan, job_id, 0)


def test_a_job_called_off_after_its_search_is_not_published(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was told that a solve is called off must not find its plan published a moment later."""
    ctx = make_context(database)
    names = add_date(database)
    job_id = leave_solve(ctx, names, publishes=True)

    def call_off_at_the_end(*args: Any, **kwargs: Any) -> Plan:
        plan = plan_problem(*args, **{**kwargs, "seconds": 0.05})
        transact(ctx, STAFF, cancel_solve, job_id)
        return plan

    monkeypatch.setattr("fieldops.usecases.plan_day.plan_problem", call_off_at_the_end)
    run_solve(ctx, job_id)
    job = view(ctx, STAFF, read_plan_job, job_id)
    assert (job.state, job.draft, job.published_version) == ("canceled", None, None)
    assert running_orders(database, names) == {names.shifts[0]: ()}


def test_a_job_that_its_worker_puts_back_is_begun_again(database: Database) -> None:
    """A deploy in the middle of a night must not cost a plan, and is no failed attempt."""
    ctx = make_context(database)
    names = add_date(database)
    job_id = leave_solve(ctx, names, publishes=True)
    assert run_solve(ctx, job_id, lambda: True) is Ended.PUT_BACK
    job = view(ctx, STAFF, read_plan_job, job_id)
    assert (job.state, job.attempts) == ("queued", 0)
    assert run_solve(ctx, job_id) is Ended.DONE
    assert view(ctx, STAFF, read_plan_job, job_id).state == "published"
    # Recovered once too often, it does nothing more.
    assert run_solve(ctx, job_id) is Ended.DONE
    assert view(ctx, STAFF, read_plan_job, job_id).attempts == 1


def test_a_process_that_was_taken_for_ended_changes_nothing_any_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A paused virtual machine wakes up and goes on with a solve that another worker has begun again."""
    ctx = make_context(database)
    names = add_date(database)
    job_id = transact(ctx, STAFF, request_solve, names.territory, TOMORROW, 600, True).id
    during_the_solve(monkeypatch, lambda: change_job(database, job_id, run_id="rn_another", attempts=2))
    assert run_solve(ctx, job_id) is Ended.DONE
    job = view(ctx, STAFF, read_plan_job, job_id)
    assert (job.state, job.attempts, job.draft) == ("running", 2, None)
    assert running_orders(database, names) == {names.shifts[0]: ()}


def test_a_job_that_ends_every_process_is_given_up(database: Database) -> None:
    """A solve that crashes its worker must not crash workers for ever."""
    ctx = make_context(database)
    names = add_date(database)
    job_id = leave_solve(ctx, names)
    change_job(database, job_id, state="running", attempts=MOST_ATTEMPTS)
    run_solve(ctx, job_id)
    job = view(ctx, STAFF, read_plan_job, job_id)
    assert job.state == "failed"
    assert job.note == f"the process that solved it ended {MOST_ATTEMPTS} times; it will not be tried again"


def test_a_job_that_cannot_be_done_says_why(database: Database) -> None:
    """A territory whose travel times come from nowhere is for a person to mend."""
    ctx = make_context(database)
    names = add_date(database)
    with database.writing() as session:
        session.get_one(TerritoryRow, names.territory).travel = {"kind": "osrm"}
    job = solved(ctx, names)
    assert job.state == "failed"
    assert "travel.url" in (job.note or "")
