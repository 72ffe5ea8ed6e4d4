"""Rate limits: how many requests one caller may make; kept in the memory of the process."""

import math
import time
from typing import Final

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from fieldops.errors import TooManyRequests
from fieldops.settings import Settings
from fieldops.usecases.actor import Actor, Role

ADDRESS_LENGTH: Final = 64


class Limits:
    """
    The limits of one process.

    Notes
    -----
    Every process counts for itself: behind n of them a caller may make up to n times as many requests. A limit is no
    quota, it protects the service from loops and from guessing.
    """

    def __init__(self, settings: Settings) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._actors = parse(settings.rate_limit)
        self._links = parse(settings.link_rate_limit)
        self._logins = parse(settings.login_rate_limit)

    def count_actor(self, actor: Actor) -> None:
        """Count a request of a known caller, or raise `TooManyRequests`."""
        self._count(self._links if actor.role is Role.CUSTOMER else self._actors, "actor", actor.id)

    def count_address(self, address: str) -> None:
        """Count a request that needs no credentials, by where it comes from."""
        self._count(self._actors, "address", address)

    def count_login(self, address: str, email: str) -> None:
        """Count an attempt to log in, both by where it comes from and by the account it is about."""
        self._count(self._logins, "login-address", address)
        self._count(self._logins, "login-email", email[:ADDRESS_LENGTH].lower())

    def count_bad_token(self, address: str) -> None:
        """Count credentials that were refused."""
        self._limiter.hit(self._links, "bad-token", address)

    def check_bad_tokens(self, address: str) -> None:
        """Raise `TooManyRequests` where too many credentials were refused: whoever guesses has to guess slowly."""
        if not self._limiter.test(self._links, "bad-token", address):
            raise self._too_many(self._links, "bad-token", address)

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
