import random

import pytest

from streamer.replay.playhead import Playhead

START, END, NOW = 5_000_000, 9_000_000, 70_000_000_001


def test_at_speed_one_the_intervals_are_those_recorded_to_the_microsecond() -> None:
    playhead = Playhead(START, END, 1.0, NOW)
    for seed in range(200):
        recorded_us = random.Random(seed).randrange(START, END)
        assert playhead.due_us(recorded_us) == NOW + recorded_us - START
        assert playhead.position_us(playhead.due_us(recorded_us)) == recorded_us


@pytest.mark.parametrize("speed", [0.1, 0.5, 2.0, 10.0])
def test_another_speed_begins_where_it_is(speed: float) -> None:
    playhead = Playhead(START, END, 1.0, NOW)
    playhead.set_speed(speed, NOW + 1_000_000)
    assert playhead.position_us(NOW + 1_000_000) == START + 1_000_000
    assert playhead.due_us(START + 1_100_000) == NOW + 1_000_000 + round(100_000 / speed)
    assert playhead.speed == speed


def test_it_stands_still_and_goes_on_from_there() -> None:
    playhead = Playhead(START, END, 2.0, NOW)
    playhead.set_paused(True, NOW + 500_000)
    assert playhead.position_us(NOW + 3_000_000) == START + 1_000_000
    playhead.set_paused(False, NOW + 3_000_000)
    assert playhead.due_us(START + 1_200_000) == NOW + 3_100_000
    assert playhead.position_us(NOW + 3_100_000) == START + 1_200_000


def test_it_is_never_outside_the_recording() -> None:
    playhead = Playhead(START, END, 1.0, NOW)
    assert playhead.position_us(NOW - 1) == START
    assert playhead.position_us(NOW + 3600_000_000) == END
    playhead.move(END, NOW)
    assert playhead.position_us(NOW) == END
