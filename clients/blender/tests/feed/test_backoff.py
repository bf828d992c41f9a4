import pytest

from posewire.feed.backoff import Backoff


def test_it_doubles_up_to_five_seconds() -> None:
    backoff = Backoff(lambda low, high: high)
    assert [backoff.next_s() for _ in range(7)] == [0.25, 0.5, 1, 2, 4, 5, 5]
    backoff.reset()
    assert backoff.next_s() == 0.25


def test_each_is_shortened_by_up_to_one_half() -> None:
    backoff = Backoff(lambda low, high: low)
    assert backoff.next_s() == 0.125
    waits = [wait for _ in range(300) for wait in [Backoff().next_s()]]
    assert 0.125 <= min(waits) < 0.15
    assert 0.225 < max(waits) <= 0.25
    assert sum(waits) / 300 == pytest.approx(0.1875, abs=0.02)
