from dataclasses import replace

import numpy as np
import pytest

from benchmarks.humanoid import HORIZONTAL_FOV_DEG, MOTIONS
from protocol.skeleton import ANGLES, BONES
from streamer.solver.quaternion import angle_between
from streamer.solver.solver import FAR_M, FORGET_US
from streamer.take.smooth import smooth_landmarks
from streamer.take.solve import solve_after, solve_live
from streamer.take.take import Track
from tests.take.test_smooth import ASPECT, rms, trembling
from tests.takes import make_take, pick


def solved_after(track: Track) -> Track:
    return solve_after(smooth_landmarks(track, ASPECT), ASPECT, HORIZONTAL_FOV_DEG)


def error_deg(track: Track, truth: Track) -> float:
    assert track.bones is not None
    assert truth.bones is not None
    return float(np.degrees(np.median(angle_between(truth.bones.astype(float), track.bones.astype(float)))))


@pytest.mark.parametrize("name", ["walk", "squat", "arm circle", "turn"])
def test_a_motion_comes_out_as_it_went_in(name: str) -> None:
    truth = make_take(MOTIONS[name]).tracks[1]
    found = solved_after(truth)
    assert error_deg(found, truth) < 2.0
    frames = len(truth.t_us)
    shapes = [
        None if values is None else values.shape
        for values in (found.bones, found.root, found.rest, found.floor, found.contact, found.angles)
    ]
    assert shapes == [
        (frames, len(BONES), 4), (frames, 3), (frames, len(BONES), 3), (frames,), (frames, 2), (frames, len(ANGLES)),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["walk", "squat", "arm circle"])
def test_knowing_all_of_it_is_better_than_going_along(name: str) -> None:
    truth = make_take(MOTIONS[name]).tracks[1]
    track = trembling(truth)
    after = solved_after(track)
    live = solve_live(track, ASPECT, HORIZONTAL_FOV_DEG, True)
    assert error_deg(after, truth) < 0.8 * error_deg(live, truth)
    shakes = []
    for one in (after, live):
        assert one.root is not None
        assert truth.root is not None
        shakes.append(rms(np.diff(one.root - truth.root, 2, axis=0)))
    assert shakes[0] < 0.7 * shakes[1]


def test_bones_have_one_length_throughout() -> None:
    rest = solved_after(trembling(make_take().tracks[1])).rest
    assert rest is not None
    assert (rest == rest[0]).all()


def test_signs_are_continuous() -> None:
    bones = solved_after(trembling(make_take(MOTIONS["turn"]).tracks[1])).bones
    assert bones is not None
    assert (np.einsum("tbi,tbi->tb", bones[1:], bones[:-1]) > 0.9).all()
    assert np.abs(np.linalg.norm(bones, axis=-1) - 1).max() < 1e-5


def test_who_was_away_is_solved_anew() -> None:
    track = trembling(make_take().tracks[1])
    half = len(track.t_us) // 2
    later = replace(track, t_us=track.t_us + np.where(np.arange(len(track.t_us)) < half, 0, FORGET_US))
    first = pick(track, np.arange(half))
    for solve in (lambda one: solve_after(one, ASPECT, 65.0), lambda one: solve_live(one, ASPECT, 65.0, True)):
        whole, alone = solve(later), solve(first)
        assert (whole.bones[:half] == alone.bones).all()
        assert (whole.root[:half] == alone.root).all()


def test_without_low_pass_rotations_tremble_as_landmarks_do() -> None:
    track = trembling(make_take(MOTIONS["T-pose"]).tracks[1])
    steps = []
    for low_pass in (False, True):
        bones = solve_live(track, ASPECT, HORIZONTAL_FOV_DEG, low_pass).bones
        assert bones is not None
        steps.append(float(np.median(angle_between(bones[1:].astype(float), bones[:-1].astype(float)))))
    assert steps[1] < 0.5 * steps[0]


def test_a_place_that_can_not_be_told_is_on_the_way() -> None:
    track = make_take().tracks[1]
    image = track.image.copy()
    image[40:50, :, :2] = 0.5  # all in one point: no distance
    known = solve_after(track, ASPECT, HORIZONTAL_FOV_DEG).root
    found = solve_after(replace(track, image=image), ASPECT, HORIZONTAL_FOV_DEG).root
    assert known is not None
    assert found is not None
    assert np.abs(found - known)[:, 2].max() < 0.3
    image[:] = 0.5
    nowhere = solve_after(replace(track, image=image), ASPECT, HORIZONTAL_FOV_DEG).root
    assert nowhere is not None
    assert np.abs(nowhere[:, 2] - FAR_M).max() < 0.5  # but for feet that stand
