import numpy as np
import pytest

from benchmarks.humanoid import landmarks, t_pose
from streamer.solver.doubt import AWAY_S, NARROW_S, TURNED_S, Doubt
from streamer.solver.quaternion import about, multiply

DT_S = 1 / 30
HIPS_M, SHOULDERS_M = 0.2, 0.37
Y = np.array([0.0, 1.0, 0.0])


def turned(degrees: float) -> list[list[float]]:
    bones = t_pose()
    bones[:, 0] = multiply(about(Y, np.array(np.radians(degrees))), bones[:, 0])
    return landmarks(bones)[0].tolist()


FRONT, BACK = turned(0), turned(180)
FLAT = [*FRONT[:24], FRONT[23], *FRONT[25:]]


def look(doubt: Doubt, places: list[list[float]], dt_s: float = DT_S) -> bool:
    return doubt.believe(places, HIPS_M, SHOULDERS_M, dt_s)


def test_nobody_is_doubted_at_first() -> None:
    assert Doubt().believe(BACK, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(("wrong", "limit_s"), [(FLAT, NARROW_S), (BACK, TURNED_S)])
def test_what_cannot_be_is_believed_when_it_lasts(wrong: list[list[float]], limit_s: float) -> None:
    doubt = Doubt()
    assert look(doubt, FRONT)
    count = round(limit_s / DT_S)
    believed = [look(doubt, wrong) for _ in range(count + 5)]
    assert not any(believed[: count - 1])
    assert all(believed[count + 1 :])


def test_doubt_begins_anew_after_a_frame_that_can_be() -> None:
    doubt = Doubt()
    for _ in range(5):
        assert look(doubt, FRONT)
        assert not any(look(doubt, BACK) for _ in range(20))


def test_left_and_right_that_run_through_each_other_and_stay_swapped_are_one_doubt() -> None:
    doubt = Doubt()
    assert look(doubt, FRONT)
    assert not any(look(doubt, FLAT) for _ in range(5))
    assert not any(look(doubt, BACK) for _ in range(round(TURNED_S / DT_S) - 7))
    assert any(look(doubt, BACK) for _ in range(5))


@pytest.mark.parametrize("turns_per_s", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("fps", [5, 10, 30, 60])
def test_a_person_who_spins_is_believed_at_any_rate(turns_per_s: float, fps: int) -> None:
    doubt = Doubt()
    for frame in range(3 * fps):
        assert look(doubt, turned(360 * turns_per_s * frame / fps), 1 / fps)


def turned_round() -> Doubt:
    """One that has come to believe that the person, seen from the front before, shows the back."""
    doubt = Doubt()
    look(doubt, FRONT)
    while not look(doubt, BACK):
        pass
    return doubt


def test_who_turns_back_soon_is_believed_at_once() -> None:
    doubt = turned_round()
    assert all(look(doubt, BACK) for _ in range(10))
    assert all(look(doubt, FRONT) for _ in range(10))
    assert not look(doubt, BACK)


def test_who_turns_back_late_is_doubted_again() -> None:
    doubt = turned_round()
    assert all(look(doubt, BACK) for _ in range(round(AWAY_S / DT_S) + 1))
    assert not look(doubt, FRONT)
