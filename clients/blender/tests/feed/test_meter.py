import pytest

from posewire.feed.meter import Meter


def test_the_rate_of_the_last_two_seconds() -> None:
    meter = Meter()
    for i in range(100):
        meter.add(i * 50_000, 1000)
    assert meter.rate_fps(4_950_000) == pytest.approx(20)
    assert meter.rate_fps(8_000_000) == 0


def test_one_frame_has_no_rate_but_a_latency() -> None:
    meter = Meter()
    assert (meter.rate_fps(0), meter.latency_ms(0)) == (0, None)
    meter.add(0, 12_500)
    assert (meter.rate_fps(0), meter.latency_ms(0)) == (0, 12.5)


def test_latency_is_the_median_of_the_last_second() -> None:
    meter = Meter()
    meter.add(0, 900_000)
    for age_us in (10_000, 20_000, 400_000):
        meter.add(1_500_000, age_us)
    assert meter.latency_ms(1_500_000) == 20
    assert meter.latency_ms(2_500_001) is None


def test_what_it_keeps_is_bounded() -> None:
    meter = Meter()
    for _ in range(10_000):
        meter.add(0, 0)
    assert len(meter._frames) <= 2048
