"""Members of staff: who may log in, and as what."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update

from fieldops.domain.value_faults import wrong
from fieldops.errors import AlreadyThere, Fault, InvalidInput, NotFound, WrongState
from fieldops.store.ids import new_id
from fieldops.store.tables import RefreshTokenRow, TechnicianRow, UserRow
from fieldops.usecases.actor import Role
from fieldops.usecases.audit import record
from fieldops.usecases.contact_points import ContactKind, readings
from fieldops.usecases.links import revoke_calendars_of
from fieldops.usecases.paging import Page, page_by_id
from fieldops.usecases.task_owner import pass_on_tasks
from fieldops.usecases.work import Work

#: Roles of people who log in.
STAFF_ROLES: Final = (Role.TECHNICIAN, Role.DISPATCHER, Role.OPS)
MAX_NAME: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class UserView:
    """A member of staff."""

    id: str
    email: str
    name: str
    role: Role
    technician_id: str | None
    is_active: bool
    created_at: datetime


def user_view(row: UserRow) -> UserView:
    """Make the view of a user."""
    return UserView(
        id=row.id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        technician_id=row.technician_id,
        is_active=row.is_active,
        created_at=row.created_at,
    )


def create_user(
    work: Work, *, email: str, name: str, role: str, password_hash: str, technician_id: str | None = None
) -> UserView:
    """
    Add a member of staff.

    Parameters
    ----------
    role
        ``technician``, ``dispatcher`` or ``ops``.
    password_hash
        From `passwords.hash_password`, made before the transaction began.
    technician_id
        Whose day a technician sees; only for that role, and required there.

    Raises
    ------
    InvalidInput
        With all faults.
    AlreadyThere
        When somebody else has that e-mail address.
    """
    faults = list(_faults(work, email, name, role, technician_id))
    if faults:
        raise InvalidInput(faults)
    address = _address(email) or email
    known = work.session.scalar(select(UserRow).where(UserRow.email == address))
    if known is not None:
        raise AlreadyThere("a user with this e-mail address exists", details={"user_id": known.id})
    row = UserRow(
        id=new_id("us"),
        email=address,
        name=name.strip(),
        role=role,
        password_hash=password_hash,
        technician_id=technician_id,
        is_active=True,
        created_at=work.now,
    )
    work.session.add(row)
    record(work, "user.created", "user", row.id, role=role)
    return user_view(row)


def _faults(work: Work, email: str, name: str, role: str, technician_id: str | None) -> Iterator[Fault]:
    if _address(email) is None:
        yield wrong("email", email, "an e-mail address")
    if not 0 < len(name.strip()) <= MAX_NAME:
        yield wrong("name", name, f"a name of 1 to {MAX_NAME} characters")
    if role not in STAFF_ROLES:
        yield wrong("role", role, f"one of {', '.join(STAFF_ROLES)}")
    if role != Role.TECHNICIAN:
        if technician_id is not None:
            yield wrong("technician_id", technician_id, "nothing: only the role technician belongs to a technician")
    elif technician_id is None:
        yield Fault(path="technician_id", found="nothing", expected="the technician whose day it is")
    elif work.session.get(TechnicianRow, technician_id) is None:
        yield wrong("technician_id", technician_id, "the id of a technician")


def login_name(email: str) -> str:
    """Return an e-mail address, as somebody typed it to log in, in the spelling in which it is stored."""
    return email.strip().lower()


def read_user(work: Work, user_id: str) -> UserView:
    """Return a user, or raise `NotFound`."""
    return user_view(_user(work, user_id))


def list_users(work: Work, *, limit: int, after: str | None = None) -> Page[UserView]:
    """List users by their id."""
    return page_by_id(work.session, select(UserRow), UserRow.id, user_view, limit, after)


def deactivate_user(work: Work, user_id: str) -> UserView:
    """
    Lock a user out, at once, close the calendars he opened to others, and give his open tasks to somebody else.

    Raises
    ------
    NotFound
    WrongState
        For the caller himself: the last one to be able to let people in must not lock the door behind him.
    """
    row = _user(work, user_id, locks=True)
    if work.actor.id == f"user:{user_id}":
        raise WrongState("nobody can deactivate himself", details={"state": "active"})
    if row.is_active:
        row.is_active = False
        _end_logins(work, user_id)
        revoke_calendars_of(work, f"user:{user_id}")
        pass_on_tasks(work, user_id)
        record(work, "user.deactivated", "user", user_id)
    return user_view(row)


def activate_user(work: Work, user_id: str) -> UserView:
    """Let a user in again, or raise `NotFound`."""
    row = _user(work, user_id, locks=True)
    if not row.is_active:
        row.is_active = True
        record(work, "user.activated", "user", user_id)
    return user_view(row)


def set_password(work: Work, user_id: str, password_hash: str, *, instead_of: str | None = None) -> UserView:
    """
    Change a password; every login of the user ends.

    Parameters
    ----------
    instead_of
        The hash that the old password was compared with; None when somebody with the right to do so sets a new one.

    Raises
    ------
    NotFound
    WrongState
        When the password was changed meanwhile.
    """
    row = _user(work, user_id, locks=True)
    if instead_of is not None and row.password_hash != instead_of:
        raise WrongState("the password was changed meanwhile", details={"state": "changed"})
    row.password_hash = password_hash
    _end_logins(work, user_id)
    record(work, "user.password_changed", "user", user_id)
    return user_view(row)


def password_hash_of(work: Work, user_id: str) -> str:
    """Return what is stored of a user's password, or raise `NotFound`."""
    return _user(work, user_id).password_hash


def _user(work: Work, user_id: str, *, locks: bool = False) -> UserRow:
    row = work.session.get(UserRow, user_id, with_for_update=locks)
    if row is None:
        raise NotFound("user", user_id)
    return row


def _end_logins(work: Work, user_id: str) -> None:
    """End all logins of a user whose row is locked: none is being refreshed."""
    still = update(RefreshTokenRow).where(RefreshTokenRow.user_id == user_id, RefreshTokenRow.revoked_at.is_(None))
    work.session.execute(still.values(revoked_at=work.now))


def _address(email: str) -> str | None:
    """Return an e-mail address as it is stored, or None when it is none."""
    return next(iter(readings(ContactKind.EMAIL, email, frozenset())), None)
