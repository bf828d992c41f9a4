from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from streamer.offline.times import MAX_STEP_US, Times


def through(fps: float, *shown_us: int | None) -> list[int]:
    times = Times(fps)
    return [times.next(one) for one in shown_us]


def test_the_times_of_the_file_are_kept() -> None:
    assert through(25, 0, 40_000, 81_000, 500_000, 500_001) == [0, 40_000, 81_000, 500_000, 500_001]
    assert through(25, 7_000, 40_000) == [7_000, 40_000]


def test_without_times_the_rate_counts() -> None:
    assert through(50, 0, 0, 0, 0) == [0, 20_000, 40_000, 60_000]
    assert through(50, None, None, None) == [0, 20_000, 40_000]


def test_what_can_not_be_so_is_not_believed() -> None:
    assert through(10, 0, 50_000, 50_000, 30_000, 400_000) == [0, 50_000, 150_000, 250_000, 400_000]
    assert through(10, 0, MAX_STEP_US, 2 * MAX_STEP_US + 1) == [0, MAX_STEP_US, MAX_STEP_US + 100_000]


@given(st.floats(0.1, 1000), st.lists(st.one_of(st.none(), st.integers(0, 10**15))))
def test_times_grow_whatever_the_file_says(fps: float, shown_us: list[int | None]) -> None:
    times = through(fps, *shown_us)
    assert all(before < after for before, after in pairwise(times))
