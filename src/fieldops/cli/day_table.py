"""One technician's day on the terminal: every stop and break, in order."""

from zoneinfo import ZoneInfo

from rich import box
from rich.table import Table
from rich.text import Text

from fieldops.cli.console import plain
from fieldops.domain.plan import BreakTaken, Route, Stop
from fieldops.report.wording import clock, count_words, duration_words, excess_words, money_words, short_date


def day_table(route: Route, zone: ZoneInfo) -> Table:
    """Lay one route out, a line for every stop and break."""
    day = route.departure.astimezone(zone).date()
    title = f"{route.technician_id}, {short_date(day)} ({route.shift_id}): {count_words(len(route.stops), 'visit')}"
    table = Table(
        title=plain(title, "bold"), title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column("")
    table.add_column("Visit", overflow="fold")
    for header in ("Travel", "Arrives", "Starts", "Ends", "Wait", "Slack", "Late"):
        table.add_column(header, justify="right")

    def at(instant_of: BreakTaken | Stop | Route, name: str) -> Text:
        return plain(clock(getattr(instant_of, name), zone, day))

    def add_breaks(after_visits: int, *, on_the_clock: bool) -> None:
        for pause in route.breaks:
            if pause.after_visits == after_visits and pause.on_the_clock is on_the_clock:
                name = f"{pause.name or 'break'}{'' if pause.place_id is None else f' at {pause.place_id}'}"
                off = "" if on_the_clock else ", on own time"
                table.add_row("", plain(f"{name}{off}", "dim"), "", "", at(pause, "start"), at(pause, "end"))

    add_breaks(0, on_the_clock=False)
    table.add_row("", plain("leaves", "dim"), "", "", "", at(route, "departure"))
    for pos, stop in enumerate(route.stops):
        add_breaks(pos, on_the_clock=True)
        table.add_row(
            str(pos + 1),
            plain(stop.visit_id),
            plain(duration_words(stop.travel)),
            at(stop, "arrival"),
            at(stop, "start"),
            at(stop, "finish"),
            plain(duration_words(stop.wait) if stop.wait else ""),
            plain(duration_words(stop.slack)),
            plain(excess_words(stop.lateness) if stop.lateness else "", "red"),
        )
    add_breaks(len(route.stops), on_the_clock=True)
    table.add_row("", plain("ends", "dim"), plain(duration_words(route.travel_home)), at(route, "end"))
    add_breaks(len(route.stops), on_the_clock=False)
    overtime = f", {excess_words(route.overtime)} overtime" if route.overtime else ""
    cost = money_words(sum(route.cost.values()))
    table.caption = plain(
        f"{duration_words(route.work)} of work, {duration_words(route.travel)} driving{overtime}, {cost}"
    )
    table.caption_justify = "left"
    return table
