"""API keys of integrations: rights as scopes, the key itself shown once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from fieldops.domain.value_faults import wrong
from fieldops.errors import Fault, InvalidInput, NotFound, WrongState
from fieldops.store.ids import new_id
from fieldops.store.tables import ApiKeyRow
from fieldops.usecases.actor import Scope
from fieldops.usecases.audit import record
from fieldops.usecases.authenticate import KEY_PREFIX
from fieldops.usecases.paging import Page, page_by_id
from fieldops.usecases.secrets_shown_once import fingerprint, new_secret
from fieldops.usecases.work import Work

#: What a program may be given: not the rights of one person, nor the right to give rights.
GRANTABLE: Final = frozenset(Scope) - {Scope.OWN_DAY, Scope.OWN_BOOKING, Scope.ADMIN}
#: Characters of a key that are kept in the clear, to recognize it by.
SHOWN_CHARACTERS: Final = 10
MAX_NAME: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyView:
    """
    An API key.

    Attributes
    ----------
    prefix
        Its first characters.
    key
        The whole key, when it was just made; None ever after.
    """

    id: str
    name: str
    prefix: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    key: str | None = None


def create_api_key(work: Work, *, name: str, scopes: Sequence[str], expires_at: datetime | None = None) -> ApiKeyView:
    """
    Make a key.

    Raises
    ------
    InvalidInput
        With all faults.
    """
    faults = list(_faults(work, name, scopes, expires_at))
    if faults:
        raise InvalidInput(faults)
    secret = new_secret(KEY_PREFIX)
    row = ApiKeyRow(
        id=new_id("ak"),
        name=name.strip(),
        prefix=secret[:SHOWN_CHARACTERS],
        key_hash=fingerprint(secret),
        scopes=sorted(set(scopes)),
        created_at=work.now,
        expires_at=expires_at,
        revoked_at=None,
    )
    work.session.add(row)
    record(work, "api_key.created", "api_key", row.id, scopes=row.scopes)
    return _view(row, secret)


def _faults(work: Work, name: str, scopes: Sequence[str], expires_at: datetime | None) -> Iterator[Fault]:
    if not 0 < len(name.strip()) <= MAX_NAME:
        yield wrong("name", name, f"a name of 1 to {MAX_NAME} characters")
    if not scopes:
        yield Fault(path="scopes", found="nothing", expected="at least one scope")
    for index, scope in enumerate(scopes):
        if scope not in GRANTABLE:
            yield wrong(f"scopes[{index}]", scope, f"one of {', '.join(sorted(GRANTABLE))}")
    if expires_at is not None and expires_at <= work.now:
        yield wrong("expires_at", expires_at, "an instant to come")


def list_api_keys(work: Work, *, limit: int, after: str | None = None) -> Page[ApiKeyView]:
    """List keys by their id, the revoked ones too."""
    return page_by_id(work.session, select(ApiKeyRow), ApiKeyRow.id, _view, limit, after)


def revoke_api_key(work: Work, key_id: str) -> ApiKeyView:
    """
    Make a key useless, at once and for good.

    Raises
    ------
    NotFound, WrongState
        When there is no such key, or it was revoked before.
    """
    row = work.session.get(ApiKeyRow, key_id, with_for_update=True)
    if row is None:
        raise NotFound("API key", key_id)
    if row.revoked_at is not None:
        raise WrongState("the API key was revoked before", details={"state": "revoked"})
    row.revoked_at = work.now
    record(work, "api_key.revoked", "api_key", row.id)
    return _view(row)


def _view(row: ApiKeyRow, secret: str | None = None) -> ApiKeyView:
    return ApiKeyView(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(Scope(name) for name in row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        key=secret,
    )
