"""What callers say they take and what they have already."""

import re


def accepts_gzip(header: str) -> bool:
    """Whether what a caller says of encodings allows gzip: ``gzip;q=0`` does not."""
    for part in header.lower().split(","):
        coding, _, quality = part.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", quality) is None
    return False


def is_known(header: str, tag: str) -> bool:
    """Whether ``If-None-Match`` names an entity tag."""
    return header.strip() == "*" or tag in {part.strip().removeprefix("W/") for part in header.split(",")}
