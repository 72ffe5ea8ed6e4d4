"""When two spellings are the same address or the same name: one key for both, by rules that never guess."""

import re
import unicodedata
from typing import Final

#: Long word to the short one it is often written as.
_ABBREVIATIONS: Final = {
    "street": "st",
    "avenue": "ave",
    "av": "ave",
    "boulevard": "blvd",
    "road": "rd",
    "drive": "dr",
    "lane": "ln",
    "court": "ct",
    "place": "pl",
    "square": "sq",
    "terrace": "ter",
    "terr": "ter",
    "parkway": "pkwy",
    "highway": "hwy",
    "circle": "cir",
    "plaza": "plz",
    "alley": "aly",
    "crescent": "cres",
    "trail": "trl",
    "heights": "hts",
    "mount": "mt",
    "saint": "st",
    "fort": "ft",
    "apartment": "apt",
    "suite": "ste",
    "building": "bldg",
    "floor": "fl",
    "room": "rm",
    "number": "no",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "northwest": "nw",
    "northeast": "ne",
    "southwest": "sw",
    "southeast": "se",
    "strasse": "str",
    "straße": "str",
    "platz": "pl",
}
_DOTTED: Final = re.compile(r"(?<=\b[^\W\d_])\.(?=[^\W\d_]\b)")
_NOT_WORDS: Final = re.compile(r"[^\w#/&-]+")
_JOINERS: Final = re.compile(r"(?<!\w)[-/&#]+|[-/&#]+(?!\w)")


def address_key(address: str) -> str:
    """
    Give the key of an address: equal for spellings that differ in case, spaces, punctuation and usual abbreviations.

    Numbers, house letters and the order of the parts stay as they are: ``1200 G St NW`` and ``1200 G St NE`` are two
    addresses. Accents count, too, except for how they are encoded.

    Examples
    --------
    >>> address_key("1200 G Street, N.W.,  Washington")
    '1200 g st nw washington'
    """
    folded = unicodedata.normalize("NFKC", address).casefold()
    words = _JOINERS.sub(" ", _NOT_WORDS.sub(" ", _DOTTED.sub("", folded))).split()
    return " ".join(_ABBREVIATIONS.get(word, word) for word in words)


def name_key(name: str) -> str:
    """
    Give the key of a name: equal for spellings that differ in case, spaces and how accents are encoded.

    Examples
    --------
    >>> name_key("  Zoë   MÜLLER ")
    'zoë müller'
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
