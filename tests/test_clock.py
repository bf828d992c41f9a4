import time

from streamer.clock import now_us


def test_microseconds_that_never_go_back() -> None:
    start = now_us()
    time.sleep(0.02)
    assert 15_000 < now_us() - start < 5_000_000
    times = [now_us() for _ in range(1000)]
    assert times == sorted(times)
