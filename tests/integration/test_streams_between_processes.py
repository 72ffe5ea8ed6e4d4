"""Two processes of the API over one database: what happens in one is seen on the streams of the other."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
import pytest

from fieldops.store.database import Database
from fieldops.usecases.actor import Scope
from fieldops.usecases.api_keys import create_api_key
from fieldops.usecases.work import transact
from running_day import book, put_on_route
from stream_processes import api_processes, events_of
from worlds import OPS, add_shift, add_technician, add_territory, add_visit, make_context

#: In a week by the clock of this machine, which is what the processes go by.
DAY: Final = datetime.now(UTC).date() + timedelta(days=7)
#: How long anything may take that has to come, seconds.
LIMIT_S: Final = 20


def _furnish(database: Database) -> tuple[str, str, dict[str, str]]:
    """Make a plan of two stops; give the territory, a visit, and headers of somebody who may change plans."""
    ctx = make_context(database)
    with database.writing() as session:
        territory = add_territory(session)
        shift = add_shift(session, add_technician(session, territory), day=DAY)
        visits = [add_visit(session, territory) for _ in range(2)]
        for visit in visits:
            book(session, visit, "09:00", "12:00", DAY)
        put_on_route(ctx, session, shift, visits)
    key = transact(ctx, OPS, create_api_key, name="board", scopes=[Scope.PLANS_READ, Scope.PLANS_WRITE])
    return territory.id, visits[0].id, {"Authorization": f"Bearer {key.key}"}


def test_an_edit_in_one_process_is_seen_in_the_other_and_nothing_is_missed_when_that_is_killed(
    jobs_database: Database, tmp_path: Path
) -> None:
    """Load balancers send the dispatcher's drag and the colleague's open board to different processes."""
    territory_id, visit_id, headers = _furnish(jobs_database)
    address = {"territory_id": territory_id, "date": DAY.isoformat()}
    with (
        api_processes(jobs_database, tmp_path, 2) as [(first, first_process), (second, second_process)],
        httpx.Client(headers=headers, timeout=LIMIT_S) as client,
    ):

        def lock(version: int, *, start: bool) -> None:
            edit = {"kind": "lock", "visit_id": visit_id, "start": start}
            made = client.post(
                f"{first}/v1/plans/{territory_id}/{DAY.isoformat()}/edits",
                json={"edit": edit},
                headers={"If-Match": f'"{version}"'},
            )
            assert made.status_code == 201, made.text

        with client.stream("GET", f"{second}/v1/streams/board", params=address) as stream:
            board = events_of(stream.iter_lines())
            snapshot = next(board)
            lock(1, start=False)
            news = next(board)
            second_process.kill()
            with pytest.raises(httpx.HTTPError):
                list(board)
        lock(2, start=True)
        resumed_from = {"Last-Event-ID": str(news.id)}
        with client.stream("GET", f"{first}/v1/streams/board", params=address, headers=resumed_from) as stream:
            board = events_of(stream.iter_lines())
            missed = next(board)
            # A service that is told to end does not wait for those who listen.
            first_process.terminate()
            rest = list(board)
            first_process.wait(LIMIT_S)

    assert (snapshot.event, snapshot.data["plan"]["version"]) == ("snapshot", 1)
    assert (news.event, news.data["version"]) == ("plan", 2)
    assert (missed.event, missed.data["version"]) == ("plan", 3)
    assert [event.event for event in rest] == ["reset"]
