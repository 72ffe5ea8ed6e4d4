"""From a token to the caller: access tokens of staff, API keys of integrations, links of customers and calendars."""

from collections.abc import Container
from dataclasses import replace
from typing import Final

from sqlalchemy import bindparam, select

from fieldops.errors import NotAuthenticated
from fieldops.store.prepared import Prepared
from fieldops.store.tables import ApiKeyRow, LinkRow, RefreshTokenRow, UserRow
from fieldops.usecases import links
from fieldops.usecases.access_tokens import read_access_token
from fieldops.usecases.actor import SCOPES_OF, Actor, Role, Scope
from fieldops.usecases.links import LinkPurpose, purpose_of, read_appointment_link, read_link
from fieldops.usecases.secrets_shown_once import fingerprint
from fieldops.usecases.work import Work

#: Every API key begins with it.
KEY_PREFIX: Final = "fok_"
#: Links that open more than the one address they were made for.
BEARERS: Final = frozenset({LinkPurpose.CUSTOMER})
_KEY: Final = Prepared(select(ApiKeyRow).where(ApiKeyRow.key_hash == bindparam("key_hash")))


def authenticate(work: Work, token: str, *, purposes: Container[LinkPurpose] = BEARERS) -> Actor:
    """
    Find out whose token this is.

    Parameters
    ----------
    token
        An access token, an API key (``fok_...``) or the token of a link (``fol_...``).
    purposes
        Of links accepted here.

    Raises
    ------
    NotAuthenticated
        When it is not valid (any more).

    Notes
    -----
    Rows are read each time, so that what was deactivated or revoked stops working at once. Secrets are looked up by
    their SHA-256: the time a comparison takes tells nothing about the secret.
    """
    if token.startswith(KEY_PREFIX):
        actor = _of_key(work, token)
    elif token.startswith(links.PREFIX):
        if purpose_of(token) not in purposes:
            raise NotAuthenticated("this link is for another address")
        actor = _of_link(work, token)
    else:
        actor = _of_user(work, token)
    return replace(actor, request_id=work.actor.request_id)


def _of_key(work: Work, token: str) -> Actor:
    row: ApiKeyRow | None = _KEY.scalar(work.session, {"key_hash": fingerprint(token)})
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= work.now):
        raise NotAuthenticated("the API key is not valid")
    return Actor(id=f"key:{row.id}", role=Role.INTEGRATION, scopes=frozenset(Scope(name) for name in row.scopes))


def _of_link(work: Work, token: str) -> Actor:
    if purpose_of(token) is LinkPurpose.APPOINTMENT:
        row, booking_id = read_appointment_link(work, token)
        return replace(_of_customer(row), booking_id=booking_id)
    row = read_link(work, token)
    if row.purpose == LinkPurpose.CUSTOMER:
        return _of_customer(row)
    return Actor(
        id=f"link:{row.id}",
        role=Role.TECHNICIAN,
        scopes=frozenset({Scope.OWN_DAY}),
        technician_id=row.subject_id,
    )


def _of_customer(row: LinkRow) -> Actor:
    return Actor(id=f"link:{row.id}", role=Role.CUSTOMER, scopes=SCOPES_OF[Role.CUSTOMER], work_order_id=row.subject_id)


def _of_user(work: Work, token: str) -> Actor:
    claims = read_access_token(work.ctx.settings, token, work.now)
    live = select(RefreshTokenRow.login_id).where(
        RefreshTokenRow.login_id == claims.login_id,
        RefreshTokenRow.user_id == claims.user_id,
        RefreshTokenRow.revoked_at.is_(None),
        RefreshTokenRow.expires_at > work.now,
    )
    user = work.session.scalar(select(UserRow).where(UserRow.id == claims.user_id, UserRow.is_active, live.exists()))
    if user is None:
        raise NotAuthenticated("the login has ended; log in again")
    role = Role(user.role)
    return Actor(
        id=f"user:{user.id}",
        role=role,
        scopes=SCOPES_OF[role],
        technician_id=user.technician_id if role is Role.TECHNICIAN else None,
    )
