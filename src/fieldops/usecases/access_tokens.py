"""Access tokens: what staff show with every request after logging in; signed, short-lived, stored nowhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import jwt

from fieldops.errors import NotAuthenticated
from fieldops.settings import Settings

ALGORITHM: Final = "HS256"
ISSUER: Final = "fieldops"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Whom a token names: a user, and the login it came from."""

    user_id: str
    login_id: str


def make_access_token(settings: Settings, claims: Claims, now: datetime) -> str:
    """Sign a token that lasts `Settings.access_token_minutes`."""
    expires_at = now + timedelta(minutes=settings.access_token_minutes)
    payload = {
        "iss": ISSUER,
        "sub": claims.user_id,
        "sid": claims.login_id,
        "iat": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    return jwt.encode(payload, settings.secret.get_secret_value(), algorithm=ALGORITHM)


def read_access_token(settings: Settings, token: str, now: datetime) -> Claims:
    """
    Verify a token.

    Raises
    ------
    NotAuthenticated
        When it is not one of ours, was changed, or has expired.

    Notes
    -----
    The one algorithm is named here, never taken from the token. Expiry is judged by the clock of the context.
    """
    try:
        payload = jwt.decode(
            token,
            settings.secret.get_secret_value(),
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            options={
                "require": ["iss", "sub", "sid", "iat", "exp"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.InvalidTokenError as error:
        raise NotAuthenticated("the access token is not valid") from error
    if not isinstance(payload["exp"], int) or payload["exp"] <= now.timestamp():
        raise NotAuthenticated("the access token has expired; refresh the login")
    return Claims(user_id=str(payload["sub"]), login_id=str(payload["sid"]))
