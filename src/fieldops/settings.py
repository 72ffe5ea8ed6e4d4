"""What an operator sets: environment variables ``FIELDOPS_*``, or a file ``.env``; read once, at the start."""

import ipaddress
import json
import re
from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

#: Good enough to try fieldops on one's own machine; refused in production.
DEFAULT_SECRET: Final = "not-a-secret-only-for-trying-out-fieldops"
LEAST_SECRET_LENGTH: Final = 32
PREFIX: Final = "FIELDOPS_"
#: A host with its port, if any; ``*.`` stands for all hosts below it. Nothing in it ends a word of a security policy.
_HOST: Final = re.compile(r"(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?")


class Mode(StrEnum):
    """Whether real customers depend on it."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """
    Everything an operator can set.

    Attributes
    ----------
    mode
        In production, what is only good for trying out is refused.
    database_url
        ``sqlite:///fieldops.db`` or ``postgresql://user:password@host/name``.
    secret
        Signs tokens and links; at least 32 characters.
    public_url
        Where customers reach the service; links in messages start with it.
    host, port
        Where the service listens.
    access_token_minutes, refresh_token_days, link_days
        How long logins and links last.
    max_body_bytes
        Larger requests are refused.
    rate_limit, login_rate_limit, link_rate_limit, booking_rate_limit, locate_rate_limit
        Requests per caller, in the notation of the package `limits`.
    trusted_proxies
        Addresses or networks whose ``X-Forwarded-For`` is believed, separated by commas.
    smtp_url
        ``smtp://user:password@host:587`` (STARTTLS), ``smtps://``, or empty: e-mail stays in the outbox.
    mail_from
        Sender of e-mail.
    sms_url, sms_account, sms_token, sms_from
        A Twilio-compatible SMS service; without a url text messages stay in the outbox.
    webhooks_allow_private
        Whether webhooks may go to private addresses; for trying out and tests.
    geocoder
        ``table`` (the addresses already known, and those of `address_table`), or the name of a geopy geocoder.
    geocoder_options
        Keyword arguments of the geopy geocoder, as JSON.
    address_table
        A CSV file with the columns address, latitude, longitude.
    solve_threads
        Threads of one solve.
    worker_concurrency
        Solves that one worker runs at a time.
    booking_embed_origins
        Origins whose pages may show the booking page in a frame, separated by commas.
    tiles_url
        Address of map tiles, with ``{z}``, ``{x}`` and ``{y}``: https, or a path of this service; None = no tiles.
    tiles_attribution
        Whom the map names as the source of its tiles.
    draft_hours
        How long what somebody without an account has begun to book is kept when it is not booked.
    offer_days
        How long offers nobody took up, and what holds did to plans of past dates, are kept.
    retention_days
        How long finished holds, closed entries of the waitlist, ended links, idempotency keys, messages and job records
        are kept.
    log_format
        ``console`` or ``json``.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        dotenv_filtering="match_prefix",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    mode: Mode = Mode.DEVELOPMENT
    database_url: SecretStr = SecretStr("sqlite:///fieldops.db")
    secret: SecretStr = SecretStr(DEFAULT_SECRET)
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    access_token_minutes: int = Field(default=15, ge=1, le=1_440)
    refresh_token_days: int = Field(default=14, ge=1, le=365)
    link_days: int = Field(default=60, ge=1, le=730)
    max_body_bytes: int = Field(default=1_000_000, ge=1_000)
    rate_limit: str = "600/minute"
    login_rate_limit: str = "10/minute"
    link_rate_limit: str = "120/minute"
    booking_rate_limit: str = "20/hour"
    locate_rate_limit: str = "30/minute"
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    smtp_url: SecretStr | None = None
    mail_from: str = "fieldops <no-reply@localhost>"
    sms_url: str | None = None
    sms_account: str = ""
    sms_token: SecretStr = SecretStr("")
    sms_from: str = ""
    webhooks_allow_private: bool = False
    geocoder: str = "table"
    geocoder_options: Annotated[dict[str, str | int | float | bool], NoDecode] = Field(default={}, repr=False)
    address_table: str | None = None
    solve_threads: int = Field(default=1, ge=1, le=64)
    worker_concurrency: int = Field(default=1, ge=1, le=64)
    booking_embed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    tiles_url: str | None = Field(default=None, max_length=500)
    tiles_attribution: str = Field(default="", max_length=500)
    draft_hours: int = Field(default=24, ge=1, le=720)
    offer_days: int = Field(default=3, ge=1, le=365)
    retention_days: int = Field(default=90, ge=1, le=3_650)
    log_format: str = Field(default="console", pattern="^(console|json)$")

    @field_validator("secret")
    @classmethod
    def _refuse_weak_secrets(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        secret = value.get_secret_value()
        if len(secret) < LEAST_SECRET_LENGTH:
            raise ValueError(f"at least {LEAST_SECRET_LENGTH} characters, not {len(secret)}")
        if info.data.get("mode") is Mode.PRODUCTION and secret == DEFAULT_SECRET:
            raise ValueError("a secret of your own in production, not the default")
        return value

    @field_validator("database_url")
    @classmethod
    def _refuse_other_databases(cls, value: SecretStr) -> SecretStr:
        scheme = value.get_secret_value().partition(":")[0].partition("+")[0]
        if scheme not in {"sqlite", "postgresql", "postgres"}:
            raise ValueError("sqlite:///path or postgresql://user:password@host/name")
        return value

    @field_validator("public_url")
    @classmethod
    def _refuse_other_addresses(cls, value: str, info: ValidationInfo) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("an address such as https://service.example.com")
        if info.data.get("mode") is Mode.PRODUCTION and _is_this_machine(parts.hostname):
            raise ValueError("the address at which customers reach the service in production, not this machine's own")
        return value

    @field_validator("sms_token")
    @classmethod
    def _refuse_unsigned_messages(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if info.data.get("mode") is Mode.PRODUCTION and info.data.get("sms_url") and not value.get_secret_value():
            raise ValueError("the token of the SMS service in production")
        return value

    @field_validator("webhooks_allow_private")
    @classmethod
    def _refuse_calls_inside(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("mode") is Mode.PRODUCTION:
            raise ValueError("false in production")
        return value

    @field_validator("rate_limit", "login_rate_limit", "link_rate_limit", "booking_rate_limit", "locate_rate_limit")
    @classmethod
    def _refuse_unreadable_limits(cls, value: str, info: ValidationInfo) -> str:
        if value != cls.model_fields[info.field_name or ""].default:
            from limits import parse  # only needed by whoever sets one

            try:
                parse(value)
            except ValueError:
                raise ValueError("a number of requests and a time, such as 600/minute") from None
        return value

    @field_validator("trusted_proxies", "booking_embed_origins", mode="before")
    @classmethod
    def _split_lists(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _refuse_names_of_proxies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            try:
                ipaddress.ip_network(address)
            except ValueError:
                raise ValueError("addresses or networks separated by commas, such as 10.0.0.0/8") from None
        return value

    @field_validator("booking_embed_origins")
    @classmethod
    def _refuse_other_origins(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        schemes = {"https"} if info.data.get("mode") is Mode.PRODUCTION else {"https", "http"}
        for origin in value:
            scheme, _, place = origin.partition("://")
            if scheme not in schemes or _HOST.fullmatch(place) is None:
                raise ValueError("origins separated by commas, such as https://www.example.com,https://*.example.org")
        return value

    @field_validator("tiles_url")
    @classmethod
    def _refuse_other_tiles(cls, value: str | None) -> str | None:
        if value is None:
            return value
        scheme, _, rest = value.partition("://")
        place = rest.partition("/")[0].replace("{s}.", "*.", 1)
        is_ours = re.match(r"/(?!/)", value) is not None
        if not all(part in value for part in ("{z}", "{x}", "{y}")) or re.search(r"\s", value):
            raise ValueError("an address with {z}, {x} and {y}, such as https://tiles.example.com/{z}/{x}/{y}.png")
        if not is_ours and (scheme != "https" or _HOST.fullmatch(place) is None):
            raise ValueError("an address that begins with https://, or with / for tiles that this service's proxy has")
        return value

    @field_validator("geocoder_options", mode="before")
    @classmethod
    def _read_options(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError('a JSON object, such as {"user_agent": "example"}') from None

    def shown(self) -> dict[str, str]:
        """Return every setting as text for people to read, without anything secret."""
        return {name: _shown(name, getattr(self, name)) for name in type(self).model_fields}


def _is_this_machine(host: str) -> bool:
    """Tell whether a host is this machine for whoever asks: nobody else gets here by that name."""
    if host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _shown(name: str, value: Any) -> str:
    """Write one setting; of addresses everything but the password."""
    if name == "geocoder_options":
        return ", ".join(value) or "(none)"
    if name in {"database_url", "smtp_url"} and value is not None:
        return _without_password(value.get_secret_value())
    return str(value)


def _without_password(url: str) -> str:
    """Write an address without what stands between the user's name and the host, and without options."""
    scheme, separator, rest = url.partition("://")
    user, at, place = rest.partition("?")[0].rpartition("@")
    return f"{scheme}{separator}{user.partition(':')[0]}{':***' if at else ''}{at}{place}"
