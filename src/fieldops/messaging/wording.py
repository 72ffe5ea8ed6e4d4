"""Dates, times and names as people of a language write them, and text that cannot break out of its place."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal

from fieldops.domain.problem import TimeWindow

DEFAULT_LANGUAGE: Final = "en"
#: Characters that turn the direction of text around.
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
#: Letters of the GSM 03.38 alphabet: a text of these needs 7 bits a character, 160 to a message.
GSM_7: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
_TYPOGRAPHIC: Final = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201a": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": "...",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """
    How a language writes a window.

    Attributes
    ----------
    locale
        Name in the Common Locale Data Repository.
    on_one_day
        Of ``day``, ``start`` and ``end``.
    on_the_day
        The same without the day.
    over_midnight
        Of ``start`` and ``end`` with their days.
    at
        One instant, of ``day`` and ``time``.
    """

    locale: str
    on_one_day: str
    on_the_day: str
    over_midnight: str
    at: str


LANGUAGES: Final = {
    "en": Language(
        locale="en_US",
        on_one_day="{day}, between {start} and {end}",
        on_the_day="between {start} and {end}",
        over_midnight="between {start} and {end}",
        at="{day}, {time}",
    ),
    "de": Language(
        locale="de_DE",
        on_one_day="{day}, zwischen {start} und {end} Uhr",
        on_the_day="zwischen {start} und {end} Uhr",
        over_midnight="zwischen {start} Uhr und {end} Uhr",
        at="{day}, {time}",
    ),
}


def language_of(wanted: str) -> str:
    """Return the language spoken instead of one that is not known."""
    return wanted if wanted in LANGUAGES else DEFAULT_LANGUAGE


def long_date(instant: datetime, zone: ZoneInfo, language: str) -> str:
    """Write the local date of an instant in full: ``Monday, March 16, 2026``."""
    return _plain_spaces(format_date(instant.astimezone(zone).date(), "full", LANGUAGES[language].locale))


def long_window(window: TimeWindow, zone: ZoneInfo, language: str) -> str:
    """Write a window in full: ``Monday, March 16, 2026, between 8:00 AM and 10:00 AM``."""
    words = LANGUAGES[language]
    days = [long_date(end, zone, language) for end in (window.earliest, window.latest)]
    times = [_time(end, zone, language) for end in (window.earliest, window.latest)]
    if days[0] == days[1]:
        return words.on_one_day.format(day=days[0], start=times[0], end=times[1])
    start, end = (words.at.format(day=day, time=clock) for day, clock in zip(days, times, strict=True))
    return words.over_midnight.format(start=start, end=end)


def short_window(window: TimeWindow, zone: ZoneInfo, language: str) -> str:
    """Write a window for a text message: ``Mon, Mar 16, 8:00 AM-10:00 AM``."""
    days = [_short_date(end, zone, language) for end in (window.earliest, window.latest)]
    times = [_time(end, zone, language) for end in (window.earliest, window.latest)]
    until = times[1] if days[0] == days[1] else f"{days[1]}, {times[1]}"
    return f"{days[0]}, {times[0]}-{until}"


def clock_range(window: TimeWindow, zone: ZoneInfo, language: str) -> str:
    """Write a range of the day that is meant anyway: ``between 10:05 AM and 10:30 AM``."""
    start, end = (_time(end, zone, language) for end in (window.earliest, window.latest))
    return LANGUAGES[language].on_the_day.format(start=start, end=end)


def first_name(name: str) -> str:
    """Return what a person is called in a message; empty when it does not look like a name."""
    return spoken_name(name).partition(" ")[0]


def amount(cents: int, language: str) -> str:
    """Write an amount of money with two decimals, in the currency that the territory's rates are in."""
    return _plain_spaces(format_decimal(cents / 100, "#,##0.00", locale=LANGUAGES[language].locale))


def short_instant(instant: datetime, zone: ZoneInfo, language: str) -> str:
    """Write an instant briefly: ``Mon, Mar 16, 8:00 AM``."""
    return LANGUAGES[language].at.format(day=_short_date(instant, zone, language), time=_time(instant, zone, language))


def one_line(text: str, limit: int = 200) -> str:
    """
    Make text of people harmless: one line, no control characters, no turned direction, no address to click, not long.

    Nothing a person typed can end a header, start a paragraph or bring a link of its own into a message.
    """
    kept = "".join(
        " " if unicodedata.category(character) in {"Cc", "Zl", "Zp", "Cs"} else character
        for character in text
        if character not in _BIDI
    )
    line = " ".join(kept.split()).replace("://", ": //")
    return line if len(line) <= limit else line[: limit - 3].rstrip() + "..."


def spoken_name(name: str) -> str:
    """Return a name to greet with; empty when it does not look like one, so that nobody greets with advertisement."""
    line = one_line(name)
    is_name = all(mark.isalpha() or unicodedata.combining(mark) or mark in " .'\u2019-" for mark in line)
    return line if is_name and len(line) <= 60 and "www." not in line.lower() else ""


def gsm_7(text: str) -> str:
    """Write text with the letters of text messages where that loses no meaning; other scripts stay as they are."""
    return "".join(
        character if character in GSM_7 else _without_accent(character) for character in text.translate(_TYPOGRAPHIC)
    )


def _without_accent(character: str) -> str:
    """Return the plain letter below an accent, if there is one."""
    plain = unicodedata.normalize("NFKD", character)[0]
    return plain if plain in GSM_7 else character


def _short_date(instant: datetime, zone: ZoneInfo, language: str) -> str:
    """Write ``Mon, Mar 16``."""
    day = datetime.combine(instant.astimezone(zone).date(), datetime.min.time())
    return _plain_spaces(format_skeleton("MMMEd", day, locale=LANGUAGES[language].locale))


def _time(instant: datetime, zone: ZoneInfo, language: str) -> str:
    """Write the local time; with the name of its offset when the clock shows that time twice on this day."""
    at = instant.astimezone(zone)
    text = _plain_spaces(format_time(at.time(), "short", locale=LANGUAGES[language].locale))
    is_shown_twice = at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()
    return f"{text} {at.tzname()}" if is_shown_twice else text


def _plain_spaces(text: str) -> str:
    """Replace the narrow and unbreakable spaces of locale data, which text messages do not have."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")
