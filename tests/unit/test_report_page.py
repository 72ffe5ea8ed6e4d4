"""The page as a whole: complete, harmless, well-formed, on its own."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from fieldops.domain.plan import Plan
from fieldops.domain.problem import Problem
from fieldops.report import render_report
from plan_parts import make_plan
from plan_samples import big_sample, small_sample

VOID = {"meta", "link", "input", "br", "img", "hr"}


class Page(HTMLParser):
    """A parsed page: its tags, attributes and text; fails on the first tag that does not match."""

    def __init__(self, html: str) -> None:
        """Parse at once."""
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a self-closed tag, as SVG shapes are."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Check that what closes is what is open."""
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note text, but neither style nor script."""
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)

    def attributes(self, name: str) -> Iterator[str]:
        """Yield all values of an attribute."""
        return (attrs[name] or "" for _, attrs in self.tags if name in attrs)

    @property
    def text(self) -> str:
        """The visible text in one line."""
        return re.sub(r"\s+", " ", " ".join(self.texts))


def samples() -> list[tuple[Problem, Plan]]:
    """Return plans of all kinds: one day, two days, nothing planned at all."""
    problem, plan = small_sample()
    nothing = [replace(plan.unassigned[1], visit_id=visit.id) for visit in problem.visits]
    return [(problem, plan), small_sample(two_days=True), (problem, make_plan(problem, [], nothing))]


@pytest.mark.parametrize("sample", samples(), ids=["one day", "two days", "empty"])
def test_the_page_is_well_formed_and_its_references_lead_somewhere(sample: tuple[Problem, Plan]) -> None:
    """Every tag is closed in order, no id is given twice, and every link and icon has its target."""
    page = Page(render_report(*sample))
    ids = list(page.attributes("id"))

    assert page.open == []
    assert len(ids) == len(set(ids))
    targets = [href[1:] for href in page.attributes("href")]
    targets += [name for names in page.attributes("aria-labelledby") for name in names.split()]
    assert set(targets) <= set(ids)


def test_the_page_needs_nothing_from_outside() -> None:
    """It is opened from a disk, perhaps without any network, and must not tell anybody about it."""
    html = render_report(*small_sample())
    page = Page(html)

    assert not re.search(r"(https?:)?//\w|@import|url\(", html.replace("// ", ""))
    assert all(href.startswith("#") for href in page.attributes("href"))
    assert list(page.attributes("src")) == []
    assert not {"link", "iframe", "object", "embed", "form", "base"} & {tag for tag, _ in page.tags}


def test_only_the_reports_own_script_may_run() -> None:
    """The content security policy names the script by its hash and allows no other source of anything."""
    html = render_report(*small_sample())
    (script,) = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    (policy,) = (
        attrs["content"] for _, attrs in Page(html).tags if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    fingerprint = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

    assert policy is not None
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{fingerprint}'" in policy


def test_names_from_outside_are_shown_as_text() -> None:
    """A customer called <script> must be harmless wherever his name appears."""
    evil = "<script>alert(1)</script>"
    nasty = '" onmouseover="alert(2)\' </style><img src=x>'
    problem, plan = small_sample()
    problem = replace(
        problem,
        name=evil,
        visits=tuple(replace(visit, name=evil) for visit in problem.visits),
        technicians=tuple(replace(technician, name=nasty) for technician in problem.technicians),
        places=tuple(replace(place, address=evil) for place in problem.places),
    )
    left, other = plan.unassigned
    assert other.repair is not None
    other = replace(other, repair=replace(other.repair, description=evil))
    html = render_report(problem, replace(plan, problem_name=evil, unassigned=(left, other)))
    page = Page(html)

    assert html.count("<script") == 1
    assert page.open == []
    assert not {"onmouseover", "onclick", "onload"} & {name for _, attrs in page.tags for name in attrs}
    assert "img" not in {tag for tag, _ in page.tags}
    # Visits, places, the title and the repair are all still readable.
    assert page.text.count(evil) > len(problem.visits)
    assert nasty in "".join(page.texts)


@pytest.mark.parametrize("sample", [*samples(), big_sample(10, 60, 2)], ids=["one day", "two days", "empty", "big"])
def test_every_visit_is_on_the_page(sample: tuple[Problem, Plan]) -> None:
    """Served visits have a bar, a stop on the map and a line in a table; the others stand among the unassigned."""
    problem, plan = sample
    page = Page(render_report(problem, plan))
    bars = [attrs for tag, attrs in page.tags if tag == "button" and "bar" in (attrs.get("class") or "").split()]
    dots = [attrs for tag, attrs in page.tags if tag == "path" and attrs.get("class") == "dot"]
    num_stops = sum(len(route.stops) for route in plan.routes)

    assert len(bars) == num_stops
    assert len(dots) == num_stops
    words = set(page.text.split())
    assert {visit.id for visit in problem.visits} <= words


def test_unassigned_visits_come_with_reasons_and_repair() -> None:
    """The most asked question about any plan: why not this one, and what would help?"""
    text = Page(render_report(*small_sample())).text

    assert "Impossible as it stands. Nobody who may serve it has the skills it needs." in text
    assert "No single change would get it served." in text
    assert "Displaced by other visits. Every shift that could take it is full." in text
    assert "fits at 16:20 with Ben Hart if it may start 20 min after its window" in text
    assert "costs 84.50 more than leaving it out" in text
    # The mandatory one comes first.
    assert text.index("V10 Leak") < text.index("V9 Fiber hookup")


def test_lateness_and_overtime_are_said_in_words() -> None:
    """Color alone tells nothing to those who cannot see it."""
    page = Page(render_report(*small_sample()))
    labels = list(page.attributes("aria-label"))

    assert "25 min late" in page.text
    assert "promised 08:50\N{EN DASH}09:20, starts 09:45" in page.text
    assert "38 min overtime" in page.text
    (late,) = (label for label in labels if " V5 " in label and "priority" in label)
    assert "25 min late · urgent" in late
    assert "slack " in late


def test_a_pinned_visit_says_what_is_fixed() -> None:
    """The dispatcher must see which visits the optimizer was not free to move."""
    page = Page(render_report(*small_sample()))

    assert "pinned to Ben Hart at 13:30" in page.text
    assert any("#i-lock" in href for href in page.attributes("href"))


def test_breaks_stand_between_the_stops_they_are_taken_between() -> None:
    """The table is the technician's day in order."""
    html = render_report(*small_sample())
    tables = html.split('<details class="route-table"')
    table = Page("<details" + tables[1]).text

    order = [table.index(word) for word in ("V1 Boiler", "V2 Meter", "Lunch", "V3 Inspection", "End")]
    assert order == sorted(order)
    assert "30 min, unpaid" in table


def test_figures_at_the_top_follow_from_the_plan() -> None:
    """The first thing anybody reads."""
    text = Page(render_report(*small_sample())).text

    assert "8 visits are served on 3 shifts." in text
    assert "1 visit starts after the promised time, by 25 min." in text
    assert "Visits served 8 of 10 2 visits left out, 1 of them mandatory" in text
    assert "On-time rate 80.0% 4 of 5 kept" in text
    assert "Shifts used 3 of 4" in text
    # Leaving out priorities 4 and 5 at 100.00 each point.
    assert "Visits left out 900.00" in text
    assert "Recombination saved 42.10 (3 times from 8,123 routes)" in text
    assert "Stopped time limit reached" in text


def test_a_plan_of_several_days_has_a_section_for_each() -> None:
    """Reached by anchors, so that it works without the script too."""
    page = Page(render_report(*small_sample(two_days=True)))
    ids = set(page.attributes("id"))

    assert {"day-2026-11-12", "day-2026-11-13"} <= ids
    assert "Thursday, November 12, 2026" in page.text
    assert "Thu, Nov 12 to Fri, Nov 13, 2026" in page.text


def test_shifts_without_visits_are_listed() -> None:
    """Free technicians are what a dispatcher looks for when somebody calls."""
    text = Page(render_report(*small_sample())).text

    assert "1 shift without visits Dirk Voss 08:00\N{EN DASH}16:00" in text


def test_a_big_day_stays_small() -> None:
    """Thirty routes with 240 visits must open at once and travel by e-mail."""
    html = render_report(*big_sample())

    assert len(html.encode()) < 1_500_000


def test_the_same_plan_gives_the_same_page() -> None:
    """Reports are compared and kept under version control: no clock and no chance in them."""
    assert render_report(*small_sample()) == render_report(*small_sample())
