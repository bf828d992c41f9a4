from collections.abc import Sequence

import numpy as np
import pytest

from benchmarks.humanoid import landmarks, t_pose
from streamer.solver.doubt import NARROW_S, TURNED_S, Doubt
from streamer.solver.quaternion import about, multiply

DT_S = 1 / 30
HIPS_M, SHOULDERS_M = 0.2, 0.37
SECOND = round(TURNED_S / DT_S)
SEEN = [1.0] * 33
Y = np.array([0.0, 1.0, 0.0])


def turned(degrees: float) -> list[list[float]]:
    bones = t_pose()
    bones[:, 0] = multiply(about(Y, np.array(np.radians(degrees))), bones[:, 0])
    return landmarks(bones)[0].tolist()


FRONT, BACK = turned(0), turned(180)
FLAT = [*FRONT[:24], FRONT[23], *FRONT[25:]]


def look(doubt: Doubt, places: list[list[float]], dt_s: float = DT_S, visibility: Sequence[float] = SEEN) -> bool:
    return doubt.believe(places, visibility, HIPS_M, SHOULDERS_M, dt_s)


def seen(places: list[list[float]], frames: int) -> Doubt:
    doubt = Doubt()
    for _ in range(frames):
        look(doubt, places)
    return doubt


def test_nobody_is_doubted_at_first() -> None:
    assert Doubt().believe(BACK, SEEN, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(("wrong", "limit_s"), [(FLAT, NARROW_S), (BACK, TURNED_S)])
def test_what_cannot_be_is_believed_when_it_lasts(wrong: list[list[float]], limit_s: float) -> None:
    doubt = seen(FRONT, 2 * SECOND)
    count = round(limit_s / DT_S)
    believed = [look(doubt, wrong) for _ in range(count + 5)]
    assert not any(believed[: count - 1])
    assert all(believed[count + 1 :])


def test_who_is_new_is_believed_sooner() -> None:
    doubt = seen(BACK, 6)
    believed = [look(doubt, FRONT) for _ in range(10)]
    assert not any(believed[:5])
    assert all(believed[7:])


@pytest.mark.parametrize("first", [FRONT, BACK])
def test_the_side_that_is_seen_more_often_wins_and_stays(first: list[list[float]]) -> None:
    doubt = seen(first, SECOND)
    for _ in range(3):
        front = [look(doubt, FRONT) for _ in range(36)]
        back = [look(doubt, BACK) for _ in range(15)]
    assert all(front)
    assert not any(back)


@pytest.mark.parametrize("frames", [1, 2, 3, 4])
def test_a_filter_that_eases_from_one_side_to_the_other_does_not_get_by(frames: int) -> None:
    doubt = seen(FRONT, 2 * SECOND)
    for step in range(1, frames):
        look(doubt, turned(180 * step / frames))
    assert not any(look(doubt, BACK) for _ in range(SECOND - 5))
    assert look(doubt, FRONT)


def test_left_and_right_that_run_through_each_other_and_stay_swapped_are_doubted_in_turn() -> None:
    doubt = seen(FRONT, 2 * SECOND)
    assert not any(look(doubt, FLAT) for _ in range(5))
    assert not any(look(doubt, BACK) for _ in range(SECOND - 2))


@pytest.mark.parametrize("turns_per_s", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("fps", [5, 10, 30, 60])
def test_a_person_who_spins_is_believed_at_any_rate(turns_per_s: float, fps: int) -> None:
    doubt = Doubt()
    for frame in range(3 * fps):
        assert look(doubt, turned(360 * turns_per_s * frame / fps), 1 / fps)


def test_hidden_landmarks_say_nothing() -> None:
    legless, hidden = [*SEEN[:23], *[0.1] * 10], [0.1] * 33
    doubt = seen(FRONT, SECOND)
    swapped = [*FRONT[:23], FRONT[24], FRONT[23], *FRONT[25:]]
    assert all(look(doubt, places, visibility=legless) for places in (FLAT, swapped, FRONT) * 5)
    assert all(look(doubt, BACK, visibility=hidden) for _ in range(5))
    assert not look(doubt, BACK, visibility=legless)
