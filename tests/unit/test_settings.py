"""Settings: faults all at once and by name, nothing secret shown, nothing unsafe accepted in production."""

from pathlib import Path
from typing import Any

import pytest

from fieldops.errors import InvalidInput
from fieldops.settings import DEFAULT_SECRET, Settings
from fieldops.wiring import load_settings

OWN_SECRET = "a-secret-of-our-own-with-more-than-32-characters"
PUBLIC = "https://service.example.com"


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start in a folder without ``.env``."""
    monkeypatch.chdir(tmp_path)


def _faults(**given: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as raised:
        load_settings(**given)
    return {fault.path: fault.expected for fault in raised.value.faults}


def test_production_refuses_the_secret_everybody_knows() -> None:
    """Whoever knows the default could sign links to every booking."""
    assert load_settings(mode="production", secret=OWN_SECRET, public_url=PUBLIC).mode == "production"
    assert "default" in _faults(mode="production")["FIELDOPS_SECRET"]
    assert "default" in _faults(mode="production", secret=DEFAULT_SECRET)["FIELDOPS_SECRET"]
    assert "32 characters" in _faults(secret="short")["FIELDOPS_SECRET"]


def test_a_wrong_value_is_shown_unless_it_may_be_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found helps to find where it comes from; keys and passwords would stand in the log for good."""
    monkeypatch.setenv("FIELDOPS_PORT", "99999")
    monkeypatch.setenv("FIELDOPS_RATE_LIMIT", "often")
    monkeypatch.setenv("FIELDOPS_SECRET", "k3y")
    monkeypatch.setenv("FIELDOPS_TILES_URL", "https://tiles.example.com/?key=k3y")
    with pytest.raises(InvalidInput) as raised:
        load_settings()

    assert {fault.path: fault.found for fault in raised.value.faults} == {
        "FIELDOPS_PORT": "'99999'",
        "FIELDOPS_RATE_LIMIT": "'often'",
        "FIELDOPS_SECRET": "another value",
        "FIELDOPS_TILES_URL": "another value",
    }


def test_production_refuses_all_that_is_for_trying_out_at_once() -> None:
    """Links that lead nowhere, events sent into our own network, receipts that anybody can forge."""
    given = {"webhooks_allow_private": True, "sms_url": "https://sms.example.com"}
    assert set(_faults(mode="production", **given)) == {
        "FIELDOPS_SECRET",
        "FIELDOPS_PUBLIC_URL",
        "FIELDOPS_WEBHOOKS_ALLOW_PRIVATE",
        "FIELDOPS_SMS_TOKEN",
    }
    assert load_settings(**given).mode != "production"
    own = {"secret": OWN_SECRET, "public_url": PUBLIC, "sms_url": "https://sms.example.com", "sms_token": "t0ken"}
    assert load_settings(mode="production", **own).mode == "production"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000",
        "https://127.1.2.3",
        "http://LOCALHOST:8000",
        "http://api.localhost",
        "http://[::1]:8000",
        "http://0.0.0.0:8000",
    ],
)
def test_production_refuses_a_public_address_that_is_this_machine(url: str) -> None:
    """Every link in every message would lead customers to their own phone."""
    assert set(_faults(mode="production", secret=OWN_SECRET, public_url=url)) == {"FIELDOPS_PUBLIC_URL"}


def test_all_faults_come_at_once_and_name_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting a service must not take five tries; and what is wrong may be secret, so it is not repeated."""
    for name, value in {
        "PORT": "eighty",
        "MODE": "staging",
        "SECRET": "short-but-secret",
        "DATABASE_URL": "mysql://root:hunter2@localhost/x",
        "PUBLIC_URL": "service.example.com",
        "RATE_LIMIT": "many",
        "TRUSTED_PROXIES": "proxy.local",
        "GEOCODER_OPTIONS": "{",
        "PROT": "80",
    }.items():
        monkeypatch.setenv(f"FIELDOPS_{name}", value)

    with pytest.raises(InvalidInput) as raised:
        load_settings()

    assert {fault.path.removeprefix("FIELDOPS_") for fault in raised.value.faults} == {
        "PORT",
        "MODE",
        "SECRET",
        "DATABASE_URL",
        "PUBLIC_URL",
        "RATE_LIMIT",
        "TRUSTED_PROXIES",
        "GEOCODER_OPTIONS",
        "PROT",
    }
    assert "secret" not in str(raised.value).lower().replace("fieldops_secret", "")
    assert "hunter2" not in str(raised.value)


def test_a_misspelled_variable_is_a_fault_wherever_it_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """``FIELDOPS_SMPT_URL`` would send nothing, and nobody would know why."""
    (tmp_path / ".env").write_text("FIELDOPS_SMPT_URL=smtp://mail\nPOSTGRES_PASSWORD=not-ours\n", encoding="utf-8")
    monkeypatch.setenv("FIELDOPS_PROT", "80")

    assert set(_faults()) == {"FIELDOPS_SMPT_URL", "FIELDOPS_PROT"}


def test_a_variable_counts_more_than_the_file_and_an_empty_one_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Compose files pass on variables that are not set as empty ones."""
    (tmp_path / ".env").write_text("FIELDOPS_PORT=9000\nFIELDOPS_HOST=0.0.0.0\n", encoding="utf-8")
    monkeypatch.setenv("FIELDOPS_PORT", "9001")
    monkeypatch.setenv("FIELDOPS_SMTP_URL", "")
    monkeypatch.setenv("FIELDOPS_TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1")
    monkeypatch.setenv("FIELDOPS_GEOCODER_OPTIONS", '{"timeout": 3}')

    settings = load_settings()

    assert (settings.port, settings.host, settings.smtp_url) == (9001, "0.0.0.0", None)
    assert settings.trusted_proxies == ("10.0.0.0/8", "127.0.0.1")
    assert settings.geocoder_options == {"timeout": 3}


def test_settings_are_shown_without_anything_secret() -> None:
    """They end in the log at every start."""
    settings = Settings(
        secret=OWN_SECRET,  # type: ignore[arg-type]
        database_url="postgresql://fieldops:pass/wo@rd@db.example.com:5432/fieldops?password=again",  # type: ignore[arg-type]
        smtp_url="smtp://user:mailpass@mail.example.com:587",  # type: ignore[arg-type]
        sms_token="smstoken",  # type: ignore[arg-type]
        geocoder_options={"api_key": "geokey"},
    )

    shown = settings.shown()

    assert set(shown) == set(Settings.model_fields)
    assert shown["database_url"] == "postgresql://fieldops:***@db.example.com:5432/fieldops"
    assert shown["smtp_url"] == "smtp://user:***@mail.example.com:587"
    assert shown["geocoder_options"] == "api_key"
    for secret in (OWN_SECRET, "pass/wo", "rd@", "again", "mailpass", "smstoken", "geokey"):
        assert secret not in "".join([*shown.values(), repr(settings)])


@pytest.mark.parametrize(
    "origin",
    ["example.com", "https://example.com/page", "https://", "https://a b", "javascript:alert(1)", "https://x;y", "*"],
)
def test_only_origins_may_frame_the_booking_page(origin: str) -> None:
    """The text becomes part of a security policy: a semicolon in it would begin a rule of its own."""
    assert set(_faults(booking_embed_origins=f"https://www.example.com, {origin}")) == {
        "FIELDOPS_BOOKING_EMBED_ORIGINS"
    }
    own = {"mode": "production", "secret": OWN_SECRET, "public_url": PUBLIC}
    assert load_settings(booking_embed_origins="http://localhost:8080").booking_embed_origins
    assert set(_faults(**own, booking_embed_origins="http://www.example.com")) == {"FIELDOPS_BOOKING_EMBED_ORIGINS"}
    assert load_settings(**own, booking_embed_origins="https://*.example.org").booking_embed_origins


@pytest.mark.parametrize(
    "url",
    [
        "http://tiles.example.com/{z}/{x}/{y}.png",
        "//tiles.example.com/{z}/{x}/{y}.png",
        "https://tiles.example.com/{z}/{x}.png",
        "https://tiles.example.com;script-src/{z}/{x}/{y}.png",
        "https://user:pass@tiles.example.com/{z}/{x}/{y}.png",
        "https:///{z}/{x}/{y}.png",
        "tiles/{z}/{x}/{y}.png",
    ],
)
def test_map_tiles_come_over_tls_or_from_here(url: str) -> None:
    """Their server is written into a security policy, too; and tiles over plain http show where customers live."""
    assert set(_faults(tiles_url=url)) == {"FIELDOPS_TILES_URL"}
    for right in ("/tiles/{z}/{x}/{y}.png", "https://{s}.example.com:8443/{z}/{x}/{y}@2x.png?key=a1"):
        assert load_settings(tiles_url=right).tiles_url == right
