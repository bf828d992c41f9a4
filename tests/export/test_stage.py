from dataclasses import replace

import numpy as np
import pytest

from benchmarks.humanoid import OWN_REST, hold_t_pose
from protocol.skeleton import BONES, PARENTS, REST
from streamer.export.resample import make_timeline, resample
from streamer.export.stage import TIPS, Stage, make_stage, rest, tips
from streamer.solver.kinematics import INDEX
from streamer.take.take import Take
from tests.takes import FLOOR_M, make_take, perform, pick


def test_people_stand_on_the_floor_where_the_first_was_first_seen() -> None:
    take = make_take(hold_t_pose)
    performance = perform(take)
    joints = performance.stage.joints(performance.motions[0])
    assert joints[0, 0] == pytest.approx([0, take.tracks[1].root[0, 1] - FLOOR_M, 0], abs=1e-6)
    assert joints[:, [INDEX["leftFoot"], INDEX["rightFoot"]], 1] == pytest.approx(0.07, abs=1e-5)
    soles = performance.stage.markers(performance.motions[0])[:, 29:33, 1]
    assert np.abs(soles).max() < 0.02


def test_a_floor_that_moves_stays_at_0() -> None:
    take = make_take(hold_t_pose)
    slope = np.linspace(-0.3, 0.3, len(take.t_us)).astype(np.float32)
    track = take.tracks[1]
    root = track.root.copy()
    root[:, 1] += slope
    track = replace(track, root=root, floor=track.floor + slope)
    motion = resample(track, make_timeline(take))
    assert np.ptp(make_stage(take).hips(motion)[:, 1]) < 1e-5


def test_without_a_floor_the_hips_start_as_high_as_in_the_t_pose() -> None:
    take = make_take()
    track = replace(take.tracks[1], floor=np.full_like(take.tracks[1].floor, np.nan))
    motion = resample(track, make_timeline(take))
    hips = make_stage(take).hips(motion)
    assert hips[0, 1] == pytest.approx(rest(motion)[0, 1])
    assert np.ptp(hips[:, 1]) == pytest.approx(np.ptp(track.root[:, 1]), abs=1e-6)


def test_two_people_stand_as_they_stood_to_each_other() -> None:
    take = make_take()
    first = take.tracks[1]
    other = replace(pick(first, np.arange(30, 120)), id=2, root=first.root[30:] + np.float32([1, 0, -2]))
    take.tracks[2] = other
    performance = perform(take)
    one, two = (performance.stage.hips(motion) for motion in performance.motions)
    assert two - one[30:] == pytest.approx(np.tile([1, 0, -2], (90, 1)), abs=1e-5)
    assert one[0, [0, 2]] == pytest.approx([0, 0])


def test_joints_and_landmarks_agree() -> None:
    performance = perform(make_take())
    [motion] = performance.motions
    joints, markers = performance.stage.joints(motion), performance.stage.markers(motion)
    # `world` is about the middle of the hip joints, which here is the place of the hips.
    assert markers[:, 15] == pytest.approx(joints[:, INDEX["leftHand"]], abs=1e-5)
    assert markers[:, 28] == pytest.approx(joints[:, INDEX["rightFoot"]], abs=1e-5)


def test_without_bodies_people_are_about_their_hips() -> None:
    take = make_take()
    bare = replace(take.tracks[1], bones=None, root=None, rest=None, floor=None, contact=None)
    take = replace(take, tracks={1: bare})
    performance = perform(take)
    assert performance.stage == Stage(0, 0)
    assert performance.stage.markers(performance.motions[0]) == pytest.approx(bare.world[..., :3], abs=1e-5)
    assert make_stage(Take("cam", (1, 1), 30, take.t_us)) == Stage(0, 0)


def test_bones_have_their_median_length() -> None:
    take = make_take()
    track = take.tracks[1]
    lengths = track.rest.copy()
    lengths[:20] *= 2  # before somebody is measured
    motion = resample(replace(track, rest=lengths), make_timeline(take))
    assert rest(motion)[1:] == pytest.approx(OWN_REST[1:], abs=1e-6)


def test_tips_grow_with_the_person() -> None:
    assert set(TIPS) == {bone for number, bone in enumerate(BONES) if number not in PARENTS}
    small, large = tips(np.array(REST)), tips(1.5 * np.array(REST))
    assert small["leftHand"].tolist() == pytest.approx(TIPS["leftHand"])
    assert large["head"].tolist() == pytest.approx(1.5 * np.array(TIPS["head"]))
