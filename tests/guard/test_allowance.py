import pytest

from streamer.guard.allowance import Allowance
from tests.guard.conftest import Clock


def test_a_burst_passes_and_the_average_is_held(clock: Clock) -> None:
    allowance = Allowance(10, 5, clock)
    for _ in range(5):
        allowance.spend()
        assert allowance.overdrawn_s == 0
    allowance.spend()
    assert allowance.overdrawn_s == pytest.approx(0.1)
    clock.now_s += 0.2
    assert allowance.overdrawn_s == 0
    allowance.spend(4)
    assert allowance.overdrawn_s == pytest.approx(0.3)


def test_no_more_is_saved_up_than_a_burst(clock: Clock) -> None:
    allowance = Allowance(10, 5, clock)
    clock.now_s += 1000
    allowance.spend(6)
    assert allowance.overdrawn_s == pytest.approx(0.1)


def test_it_is_whole_until_something_is_taken_and_again_later(clock: Clock) -> None:
    allowance = Allowance(10, 5, clock)
    assert allowance.is_whole
    allowance.spend()
    assert not allowance.is_whole
    clock.now_s += 0.11
    assert allowance.is_whole
