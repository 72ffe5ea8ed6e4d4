"""Passwords: stored so that nobody can read them, compared so that nobody learns anything from how long it takes."""

import threading
import time
from typing import Any

import pytest

from fieldops.errors import InvalidInput, TooBusy
from fieldops.usecases import passwords
from fieldops.usecases.passwords import generate_password, hash_password, verify_password
from quick_hasher import AS_SERVED


@pytest.fixture(autouse=True)
def _as_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash as the service does."""
    monkeypatch.setattr(passwords, "_hasher", lambda: AS_SERVED)


def test_a_password_is_right_or_wrong() -> None:
    """The hash says nothing about the password; two hashes of one password differ."""
    first, second = hash_password("correct horse battery"), hash_password("correct horse battery")

    # 64 MiB, three times over.
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert first != second
    assert verify_password("correct horse battery", first)
    assert not verify_password("correct horse batterY", first)
    assert not verify_password("", first)


def test_no_password_is_right_for_nobody() -> None:
    """Also not the one that is compared to keep the time the same."""
    assert not verify_password("correct horse battery", None)


def test_a_long_password_is_not_cut_off() -> None:
    """Its first 200 characters are not the password."""
    longest = "x" * 200

    assert verify_password(longest, hash_password(longest))
    assert not verify_password(longest + "y", hash_password(longest))


@pytest.mark.parametrize("password", ["", "x" * 11, "x" * 201])
def test_short_and_endless_passwords_are_refused_without_repeating_them(password: str) -> None:
    """The message says how long, not what."""
    with pytest.raises(InvalidInput) as raised:
        hash_password(password)

    (fault,) = raised.value.faults
    assert (fault.path, fault.found) == ("password", f"{len(password)} characters")


def test_generated_passwords_are_accepted_and_differ() -> None:
    """16 random bytes are 22 characters."""
    made = {generate_password() for _ in range(100)}

    assert len(made) == 100
    assert {len(password) for password in made} == {22}


def test_few_hashes_are_computed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty threads with 64 MiB each would take 2.5 GiB: four at a time is enough for any front desk."""
    guard, most, running = threading.Lock(), 0, 0
    full = threading.Barrier(4, timeout=20)

    class Slow:
        """Stands in for the hasher; goes on when four have come."""

        def hash(self, _password: str) -> str:
            """Count who is here."""
            nonlocal most, running
            with guard:
                running += 1
                most = max(most, running)
            full.wait()
            with guard:
                running -= 1
            return "hash"

    slow: Any = Slow()
    monkeypatch.setattr(passwords, "LONGEST_WAIT_S", 20)
    monkeypatch.setattr(passwords, "_hasher", lambda: slow)
    threads = [threading.Thread(target=hash_password, args=("x" * 12,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert most == 4


def test_a_crowd_is_sent_away_instead_of_taking_every_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever floods the login with guesses must not keep customers from booking: twelve inside, no one for long."""
    let_go, inside = threading.Event(), threading.Semaphore(0)

    class Stuck:
        """Stands in for a hasher on a machine that gets nowhere."""

        def hash(self, _password: str) -> str:
            """Say that one more is here, and stay."""
            inside.release()
            let_go.wait(20)
            return "hash"

    stuck: Any = Stuck()
    monkeypatch.setattr(passwords, "_hasher", lambda: stuck)
    threads = [threading.Thread(target=hash_password, args=("x" * 12,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert all(inside.acquire(timeout=20) for _ in threads)

    monkeypatch.setattr(passwords, "LONGEST_WAIT_S", 0.05)
    with pytest.raises(TooBusy):
        hash_password("x" * 12)
    # Eight wait; the next one is not even let in.
    monkeypatch.setattr(passwords, "LONGEST_WAIT_S", 20)
    waiting = [threading.Thread(target=hash_password, args=("x" * 12,)) for _ in range(8)]
    for thread in waiting:
        thread.start()
    until = time.monotonic() + 20
    while passwords._inside._value and time.monotonic() < until:  # type: ignore[attr-defined]
        threading.Event().wait(0.01)
    with pytest.raises(TooBusy):
        verify_password("guess", "hash")
    let_go.set()
    for thread in [*threads, *waiting]:
        thread.join(timeout=20)
    monkeypatch.undo()
    assert verify_password("correct horse battery", hash_password("correct horse battery"))
