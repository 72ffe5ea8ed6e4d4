"""Rate limits: how many requests one caller may make; kept in the memory of the process."""

import ipaddress
import math
import time
from typing import Final

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from fieldops.errors import TooManyRequests
from fieldops.settings import Settings
from fieldops.usecases.actor import Actor, Role
from fieldops.usecases.users import login_name

#: Providers hand out IPv6 addresses in networks of this size at least: whoever has one, has all in it.
IPV6_PREFIX: Final = 64


class Limits:
    """
    The limits of one process.

    Notes
    -----
    Every process counts for itself: behind n of them a caller may make up to n times as many requests. A limit is no
    quota, it protects the service from loops and from guessing. A window begins with the first request in it and is
    forgotten with its end: the memory that strangers can fill is bounded by how fast they come.
    """

    def __init__(self, settings: Settings) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._actors = parse(settings.rate_limit)
        self._links = parse(settings.link_rate_limit)
        self._logins = parse(settings.login_rate_limit)
        self._bookings = parse(settings.booking_rate_limit)
        self._locating = parse(settings.locate_rate_limit)

    def count_actor(self, actor: Actor) -> None:
        """Count a request of a known caller, or raise `TooManyRequests`."""
        self._count(self._links if actor.role is Role.CUSTOMER else self._actors, "actor", actor.id)

    def count_address(self, address: str) -> None:
        """Count a request that needs no credentials, by where it comes from."""
        self._count(self._actors, "address", network_of(address))

    def count_login(self, address: str, email: str) -> None:
        """Count an attempt to log in, both by where it comes from and by the account it is about."""
        self._count(self._logins, "login-address", network_of(address))
        self._count(self._logins, "login-email", login_name(email))

    def count_booking(self, address: str) -> None:
        """Count somebody without an account who begins to book: each may hold a window for a while."""
        self._count(self._bookings, "booking", network_of(address))

    def count_locating(self, address: str) -> None:
        """Count somebody without an account who looks for an address: that may cost money."""
        self._count(self._locating, "locating", network_of(address))

    def count_bad_token(self, address: str) -> None:
        """
        Count credentials that were refused, or raise `TooManyRequests`.

        Only after they were refused: right ones are never turned away for what others behind the address do.
        """
        self._count(self._links, "bad-token", network_of(address))

    def _count(self, limit: RateLimitItem, *who: str) -> None:
        if not self._limiter.hit(limit, *who):
            raise self._too_many(limit, *who)

    def _too_many(self, limit: RateLimitItem, *who: str) -> TooManyRequests:
        """Say when the next request will be answered."""
        reset_at, _ = self._limiter.get_window_stats(limit, *who)
        wait_s = max(1, math.ceil(reset_at - time.time()))
        return TooManyRequests(
            f"more than {limit}; try again in {wait_s} s", details={"limit": str(limit), "retry_after_s": wait_s}
        )


def network_of(address: str) -> str:
    """Return whom an address is counted for: itself, or the whole network that somebody with an IPv6 address has."""
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(read, ipaddress.IPv4Address):
        return str(read)
    if read.ipv4_mapped is not None:
        return str(read.ipv4_mapped)
    return str(ipaddress.IPv6Network((read, IPV6_PREFIX), strict=False))
