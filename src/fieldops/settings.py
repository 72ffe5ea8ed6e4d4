"""What an operator sets: environment variables ``FIELDOPS_*``, or a file ``.env``; read once, at the start."""

from enum import StrEnum
from functools import cached_property
from typing import Final, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

#: Good enough to try fieldops on one's own machine; refused in production.
DEFAULT_SECRET: Final = "not-a-secret-only-for-trying-out-fieldops"
LEAST_SECRET_LENGTH: Final = 32


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
        In production, default secrets are refused.
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
    rate_limit, login_rate_limit, link_rate_limit
        Requests per caller, in the notation of the package `limits`.
    trusted_proxies
        Addresses whose ``X-Forwarded-For`` is believed.
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
    retention_days
        How long finished offers, holds, idempotency keys, messages and job records are kept.
    log_format
        ``console`` or ``json``.
    """

    model_config = SettingsConfigDict(
        env_prefix="FIELDOPS_", env_file=".env", env_ignore_empty=True, extra="forbid", frozen=True
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
    trusted_proxies: tuple[str, ...] = ()
    smtp_url: SecretStr | None = None
    mail_from: str = "fieldops <no-reply@localhost>"
    sms_url: str | None = None
    sms_account: str = ""
    sms_token: SecretStr = SecretStr("")
    sms_from: str = ""
    webhooks_allow_private: bool = False
    geocoder: str = "table"
    geocoder_options: dict[str, str | int | float | bool] = {}
    address_table: str | None = None
    solve_threads: int = Field(default=1, ge=1, le=64)
    worker_concurrency: int = Field(default=1, ge=1, le=64)
    retention_days: int = Field(default=90, ge=1, le=3_650)
    log_format: str = Field(default="console", pattern="^(console|json)$")

    @model_validator(mode="after")
    def _refuse_default_secrets(self) -> Self:
        secret = self.secret.get_secret_value()
        if len(secret) < LEAST_SECRET_LENGTH:
            raise ValueError(f"secret: found {len(secret)} characters, expected at least {LEAST_SECRET_LENGTH}")
        if self.mode is Mode.PRODUCTION and secret == DEFAULT_SECRET:
            raise ValueError("secret: found the default, expected one of your own in production (FIELDOPS_SECRET)")
        return self

    @cached_property
    def is_production(self) -> bool:
        """Whether real customers depend on it."""
        return self.mode is Mode.PRODUCTION
