import pytest

from streamer.source.rhythm import FIRST_SILENCE_S, INTERVALS, MAX_SILENCE_S, MIN_SILENCE_S, RECENT, Rhythm, stalled


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0
        self.rhythm = Rhythm(lambda: self.now_s)

    def beats(self, *intervals_s: float) -> float:
        for interval_s in intervals_s:
            self.now_s += interval_s
            self.rhythm.beat()
        return self.rhythm.limit_s


@pytest.mark.parametrize(
    ("interval_s", "limit_s"),
    [(1 / 60, MIN_SILENCE_S), (0.2, MIN_SILENCE_S), (0.5, 1.5), (1.0, 3.0), (5.0, MAX_SILENCE_S)],
)
def test_a_slow_source_may_be_silent_for_longer(interval_s: float, limit_s: float) -> None:
    clock = Clock()
    assert clock.beats(0, *[0.0] * 2) == FIRST_SILENCE_S  # what opening it had read already
    assert clock.beats(interval_s) == pytest.approx(max(limit_s, FIRST_SILENCE_S))
    assert clock.beats(*[interval_s] * RECENT) == pytest.approx(limit_s)


def test_bursts_are_judged_by_the_gaps_between_them_and_a_hiccup_is_forgotten() -> None:
    clock = Clock()
    assert clock.beats(0, *[0.5, 0.01, 0.01, 0.01] * 4) == pytest.approx(INTERVALS * 0.5)
    assert clock.beats(*[0.03] * RECENT) == MIN_SILENCE_S


def test_an_outage_says_nothing_but_the_silence_before_it_does() -> None:
    clock = Clock()
    clock.beats(0, *[0.03] * RECENT)
    clock.now_s += 0.03
    clock.rhythm.pause()
    assert clock.beats(60, *[0.03] * 2) == MIN_SILENCE_S
    # A source that has become slow: it was given up after a second, once.
    clock.now_s += 1
    clock.rhythm.pause()
    assert clock.beats(0.5) == pytest.approx(3)
    assert clock.beats(*[2] * 20) == pytest.approx(6)


def test_how_it_is_told() -> None:
    assert stalled(MIN_SILENCE_S) == "stalled: no picture for 0.8 s"
