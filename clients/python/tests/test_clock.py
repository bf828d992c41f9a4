import pytest

from posewire_client import ClockSync


def exchange(sync: ClockSync, offset_us: int, there_us: int, back_us: int, t0_us: int = 1000) -> None:
    """One exchange with a server whose clock is ahead by `offset_us`, over a way of known lengths."""
    t1 = t0_us + there_us + offset_us
    t2 = t1 + 50
    sync.add(t0_us, t1, t2, t2 - offset_us + back_us)


def test_knows_nothing_at_first() -> None:
    sync = ClockSync()
    assert not sync.ready
    assert sync.error_us == float("inf")
    assert sync.to_local_us(5) == 5


def test_an_even_way_gives_the_offset() -> None:
    sync = ClockSync()
    exchange(sync, 5_000_000, 200, 200)
    assert sync.offset_us == 5_000_000
    assert sync.error_us == 200
    assert sync.to_local_us(5_001_000) == 1000


def test_the_shortest_round_trip_wins() -> None:
    sync = ClockSync()
    exchange(sync, -700, 9000, 100)
    exchange(sync, -700, 110, 100)
    exchange(sync, -700, 100, 5000)
    assert sync.offset_us == pytest.approx(-700, abs=5)
    assert sync.error_us == 105


def test_old_samples_are_forgotten() -> None:
    sync = ClockSync(window=4)
    exchange(sync, 0, 1, 1)
    for _ in range(4):
        exchange(sync, 300, 10, 10)
    assert sync.offset_us == 300
