import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.nats.offset import DRIFT, WINDOW, Offset

TIMES = st.integers(0, 10**13)
WAYS = st.integers(0, 200_000)


def exchange(offset: Offset, at_us: int, theirs_us: int, there_us: int, back_us: int, answering_us: int = 30) -> int:
    """At a time of ours, with their clock ahead by `theirs_us`; when it was over."""
    arrived = at_us + there_us
    answered = arrived + answering_us
    offset.add(at_us, arrived + theirs_us, answered + theirs_us, answered + back_us)
    return answered + back_us


@given(at=TIMES, ahead=st.integers(-(10**12), 10**12), ways=st.lists(st.tuples(WAYS, WAYS), min_size=1, max_size=40))
def test_the_true_offset_is_within_the_error(at: int, ahead: int, ways: list[tuple[int, int]]) -> None:
    offset, now = Offset(), at
    for there, back in ways:
        now = exchange(offset, now, ahead, there, back)
    found, error = offset.estimate(now)
    assert abs(found - ahead) <= error + 1
    assert offset.exchanges == min(len(ways), WINDOW)


def test_the_quickest_exchange_counts_until_it_is_too_old() -> None:
    offset = Offset()
    exchange(offset, 0, 5_000, 100, 100)
    after = exchange(offset, 1_000_000, 5_000, 100, 9_100)  # bent by a queue on the way back
    assert offset.estimate(after) == (pytest.approx(5_000), pytest.approx(100 + DRIFT * (after - 230)))
    late = 600_000_000
    exchange(offset, late, 25_000, 400, 400)  # ten minutes later clocks may be 30 ms apart
    assert offset.estimate(late + 830)[0] == pytest.approx(25_000)


def test_before_any_exchange_nothing_is_known() -> None:
    assert Offset().estimate(10) == (0.0, float("inf"))


def test_what_cannot_be_is_not_counted() -> None:
    offset = Offset()
    offset.add(100, 500, 400, 200)  # answered before it was asked
    offset.add(100, 500, 900, 200)  # took longer than there was
    assert offset.exchanges == 0
