import pytest

from streamer.guard.lockout import LOCK_S, MAX_ADDRESSES, Lockout
from tests.guard.conftest import Clock


def test_five_failures_lock_out_for_a_minute(clock: Clock) -> None:
    lockout = Lockout(clock)
    assert [lockout.fail("a") for _ in range(5)] == [False] * 4 + [True]
    assert lockout.remaining_s("a") == pytest.approx(60)
    assert lockout.remaining_s("b") == 0
    clock.now_s += 59.9
    assert lockout.remaining_s("a") == pytest.approx(0.1)
    clock.now_s += 0.2
    assert lockout.remaining_s("a") == 0
    assert [lockout.fail("a") for _ in range(5)] == [False] * 4 + [True]


def test_failures_far_apart_do_not_add_up(clock: Clock) -> None:
    lockout = Lockout(clock)
    for _ in range(20):
        assert not lockout.fail("a")
        clock.now_s += LOCK_S / 4 + 0.1
    assert lockout.remaining_s("a") == 0


def test_it_remembers_a_bounded_number_of_addresses(clock: Clock) -> None:
    lockout = Lockout(clock)
    for _ in range(5):
        lockout.fail("first")
    for n in range(MAX_ADDRESSES - 1):
        lockout.fail(f"{n}")
    assert lockout.remaining_s("first") > 0
    lockout.fail("one more")
    assert lockout.remaining_s("first") == 0
    assert len(lockout._failures) == MAX_ADDRESSES
