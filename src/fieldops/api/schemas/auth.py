"""Logging in, users, API keys."""

from typing import Annotated, ClassVar

from pydantic import Field, SecretStr

from fieldops.api.schemas.base import Id, Instant, Schema
from fieldops.usecases.actor import Role, Scope
from fieldops.usecases.api_keys import MAX_NAME
from fieldops.usecases.passwords import LONGEST, SHORTEST

Email = Annotated[str, Field(min_length=3, max_length=254, examples=["kim@example.com"])]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME, examples=["Kim"])]
NewPassword = Annotated[
    SecretStr, Field(min_length=SHORTEST, max_length=LONGEST, examples=["correct horse battery staple"])
]
#: Passwords of now may be of any length: whether they are right is all that counts.
Password = Annotated[SecretStr, Field(max_length=LONGEST, examples=["correct horse battery staple"])]
RefreshToken = Annotated[SecretStr, Field(min_length=1, max_length=200, examples=["for_Yx3..."])]


class LoginRequest(Schema):
    """Who wants to come in."""

    EXAMPLE: ClassVar = {"email": "kim@example.com", "password": "correct horse battery staple"}

    email: Email
    password: Password
    cookie: bool = Field(
        default=False,
        description="For pages of this service: keep the refresh token in a cookie that no script can read, instead of "
        "showing it.",
    )


class RefreshRequest(Schema):
    """The refresh token of the last answer; without one, that of the cookie."""

    EXAMPLE: ClassVar = {"refresh_token": "for_Yx3a9BqTz4"}

    refresh_token: RefreshToken | None = None


class User(Schema):
    """A member of staff."""

    id: Id
    email: str
    name: str
    role: Role = Field(examples=["dispatcher"])
    technician_id: str | None = Field(description="Whose day a technician sees.")
    is_active: bool
    created_at: Instant


class Login(Schema):
    """Send `access_token` as `Authorization: Bearer ...`; before it expires, exchange `refresh_token`."""

    access_token: str
    expires_in_s: int
    refresh_token: str | None = Field(
        description="Good for one exchange, which gives the next one. Null when a cookie has it."
    )
    refresh_expires_at: Instant
    user: User


class Me(Schema):
    """The caller, as the service sees it."""

    id: str = Field(examples=["user:us_7h3k9c2m4p6r8t0w"])
    role: Role
    scopes: list[Scope]
    technician_id: str | None
    work_order_id: str | None = Field(description="The one work order a customer's link opens.")


class NewUser(Schema):
    """A member of staff to be."""

    EXAMPLE: ClassVar = {
        "email": "kim@example.com",
        "name": "Kim",
        "role": "dispatcher",
        "password": "correct horse battery staple",
    }

    email: Email
    name: Name
    role: Role = Field(description="`technician`, `dispatcher` or `ops`.", examples=["dispatcher"])
    password: NewPassword
    technician_id: Id | None = Field(default=None, description="Only for the role technician, and needed there.")


class PasswordChange(Schema):
    """The password as it is and as it shall be."""

    EXAMPLE: ClassVar = {"old_password": "correct horse battery staple", "new_password": "staple battery horse correct"}

    old_password: Password
    new_password: NewPassword


class PasswordReset(Schema):
    """A new password for somebody who has forgotten his."""

    EXAMPLE: ClassVar = {"new_password": "staple battery horse correct"}

    new_password: NewPassword


class NewApiKey(Schema):
    """An API key to be."""

    EXAMPLE: ClassVar = {"name": "Web shop", "scopes": ["bookings:read", "bookings:write"]}

    name: Name
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope), examples=[["bookings:read", "bookings:write"]])
    expires_at: Instant | None = Field(default=None, examples=["2036-03-16T08:00:00-04:00"])


class ApiKey(Schema):
    """An API key. `key` is there once, in the answer that made it."""

    id: Id
    name: str
    prefix: str = Field(description="What the key begins with.", examples=["fok_Yx3a9B"])
    scopes: list[Scope]
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    key: str | None = Field(default=None, examples=["fok_Yx3a9B..."])
