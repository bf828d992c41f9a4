import pytest

from streamer.guard.lockout import LOCK_S, MAX_ADDRESSES, Lockout
from tests.guard.conftest import Clock

GUESSES = [bytes([number]) for number in range(5)]


def test_five_failures_lock_out_for_a_minute(clock: Clock) -> None:
    lockout = Lockout(clock)
    assert [lockout.fail("a", token) for token in GUESSES] == [False] * 4 + [True]
    assert lockout.remaining_s("a") == pytest.approx(60)
    assert lockout.remaining_s("b") == 0
    clock.now_s += 59.9
    assert lockout.remaining_s("a") == pytest.approx(0.1)
    clock.now_s += 0.2
    assert lockout.remaining_s("a") == 0
    assert [lockout.fail("a", token) for token in GUESSES] == [False] * 4 + [True]


def test_failures_far_apart_do_not_add_up(clock: Clock) -> None:
    lockout = Lockout(clock)
    for number in range(20):
        assert not lockout.fail("a", bytes([number]))
        clock.now_s += LOCK_S / 4 + 0.1
    assert lockout.remaining_s("a") == 0


def test_the_same_token_again_is_no_new_guess(clock: Clock) -> None:
    lockout = Lockout(clock)
    assert not any(lockout.fail("a", b"old") for _ in range(100))
    assert lockout.remaining_s("a") == 0
    assert [lockout.fail("a", token) for token in GUESSES[:4]] == [False] * 3 + [True]
    assert not lockout.fail("a", b"old")
    clock.now_s += LOCK_S
    assert lockout.remaining_s("a") == 0
    assert not lockout.fail("a", b"old")


def test_it_remembers_a_bounded_number_of_addresses(clock: Clock) -> None:
    lockout = Lockout(clock)
    for token in GUESSES:
        lockout.fail("first", token)
    for n in range(MAX_ADDRESSES - 1):
        lockout.fail(f"{n}", b"guess")
    assert lockout.remaining_s("first") > 0
    lockout.fail("one more", b"guess")
    assert lockout.remaining_s("first") == 0
    assert len(lockout._failures) == MAX_ADDRESSES
