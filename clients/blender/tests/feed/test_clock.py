import pytest

from posewire.feed.clock import ClockSync, now_us


def test_our_clock_never_goes_back() -> None:
    times = [now_us() for _ in range(1000)]
    assert times == sorted(times)


def test_the_offset_of_an_exchange() -> None:
    clock = ClockSync()
    clock.add(1000, 5_000_100, 5_000_200, 1300)  # 100 us each way
    assert clock.offset_us == 4_999_000
    assert clock.error_us == 100
    assert clock.to_server_us(1300) == 5_000_300
    assert clock.to_local_us(5_000_300) == 1300


def test_the_shortest_round_trip_of_the_last_eight_counts() -> None:
    clock = ClockSync()
    clock.add(0, 1010, 1010, 20)
    for _ in range(7):
        clock.add(0, 5000, 5000, 1000)
    assert clock.offset_us == 1000
    clock.add(0, 5000, 5000, 1000)
    assert clock.offset_us == 4500


def test_hello_tells_enough_until_the_first_exchange() -> None:
    clock = ClockSync()
    assert clock.offset_us is None
    clock.greet(7000, 2000)
    assert (clock.to_server_us(0), clock.error_us) == (5000, float("inf"))
    clock.add(0, 1010, 1010, 20)
    clock.greet(7000, 2000)
    assert clock.to_server_us(0) == 1000


def test_before_anything_times_are_as_they_are() -> None:
    assert ClockSync().to_server_us(17) == ClockSync().to_local_us(17) == pytest.approx(17)
