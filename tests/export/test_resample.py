from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.humanoid import Y, turn, walk
from streamer.errors import UsageError
from streamer.export.cut import WHOLE, Cut, EmptyCut
from streamer.export.resample import Motion, Timeline, make_timeline, resample, source_fps
from streamer.solver.quaternion import about, angle_between
from streamer.take.take import Take, Track
from tests.takes import START_US, make_take, make_track, pick, times, with_gap


def only(take: Take, fps: float | None = None) -> Motion:
    return resample(take.tracks[1], make_timeline(take, fps))


def moving(t_us: np.ndarray) -> tuple[Track, np.ndarray]:
    """Somebody who goes along x at 2 m/s and turns by 90 degrees a second; and the seconds of the captures."""
    t_s = (t_us - START_US) / 1e6
    bones, root = turn()
    bones, root = np.tile(bones[:1], (len(t_us), 1, 1)), np.tile(root[:1], (len(t_us), 1))
    bones[:, 0], root[:, 0] = about(Y, np.radians(90 * t_s)), 2 * t_s
    return make_track(bones, root, t_us), t_s


def uneven(count: int = 120) -> np.ndarray:
    """Captures at about 30 a second, each up to 8 ms early or late."""
    off = np.random.default_rng(0).integers(-8000, 8001, count)
    off[[0, -1]] = 0
    return times(count) + off


def test_at_its_own_rate_a_take_is_what_was_captured() -> None:
    take = make_take()
    track, motion = take.tracks[1], only(take)
    assert motion.fps == 30
    assert motion.seen.all()
    for name in ("score", "image", "world", "world_raw", "root", "rest", "floor", "bones"):
        assert getattr(motion, name) == pytest.approx(getattr(track, name), abs=1e-5), name
    assert np.array_equal(np.isnan(motion.angles), np.isnan(track.angles))
    assert motion.t_s == pytest.approx(np.arange(120) / 30)


@pytest.mark.parametrize("fps", [30.0, 60.0, 24.0])
def test_uneven_captures_become_even(fps: float) -> None:
    t_us = uneven()
    track, t_s = moving(t_us)
    motion = resample(track, make_timeline(Take("cam", (640, 480), 0, t_us, {1: track}), fps))
    assert len(motion.seen) == round(t_s[-1] * fps) + 1
    truth = np.minimum(motion.t_s, t_s[-1])
    assert motion.root[:, 0] == pytest.approx(2 * truth, abs=1e-5)
    assert angle_between(motion.bones[:, 0].astype(float), about(Y, np.radians(90 * truth))).max() < 1e-5
    assert np.linalg.norm(motion.bones, axis=-1) == pytest.approx(1, abs=1e-6)


def test_a_long_take_is_worked_out_in_parts_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    track, _ = moving(uneven())
    take = with_gap(Take("cam", (640, 480), 0, track.t_us, {1: track}), 40, 70)
    at_once = only(take, 60)
    monkeypatch.setattr("streamer.export.resample.AT_ONCE", 7)
    in_parts = only(take, 60)
    for name in ("seen", "score", "world", "bones", "root", "contact", "angles"):
        assert np.array_equal(getattr(in_parts, name), getattr(at_once, name), equal_nan=name != "contact"), name


def test_signs_of_quaternions_do_not_matter_and_follow_on() -> None:
    t_us = uneven()
    track, _ = moving(t_us)
    signs = np.random.default_rng(1).choice([-1, 1], track.bones.shape[:2]).astype(np.float32)
    signs[0] = 1
    mixed = replace(track, bones=track.bones * signs[..., None])
    take = Take("cam", (640, 480), 30, t_us, {1: mixed})
    motion = resample(mixed, make_timeline(take, 60))
    assert motion.bones == pytest.approx(resample(track, make_timeline(take, 60)).bones, abs=1e-6)
    assert (np.einsum("kbi,kbi->kb", motion.bones[1:], motion.bones[:-1]) > 0).all()


def cut_out(take: Take, start_s: float, end_s: float | None = None, fps: float | None = None) -> Motion:
    return resample(take.tracks[1], make_timeline(take, fps, Cut(start_s, end_s)))


def test_a_cut_is_the_take_from_its_start_to_before_its_end() -> None:
    take = make_take()
    whole, motion = only(take), cut_out(take, 1, 2)
    assert motion.first == 0
    assert motion.t_s == pytest.approx(np.arange(30) / 30)
    for name in ("score", "world", "root", "bones", "contact"):
        assert getattr(motion, name) == pytest.approx(getattr(whole, name)[30:60], abs=1e-5), name
    assert np.allclose(motion.angles, whole.angles[30:60], atol=1e-3, equal_nan=True)


def test_cuts_that_follow_one_another_have_each_frame_once() -> None:
    take = make_take()
    whole = only(take)
    edges = [0.1 * number for number in range(39)]  # 0.1 s is no binary number
    cuts = [cut_out(take, *edge) for edge in zip(edges, [*edges[1:], None], strict=True)]
    assert [len(cut.seen) for cut in cuts] == [3] * 38 + [6]
    assert np.concatenate([cut.root for cut in cuts]) == pytest.approx(whole.root, abs=1e-4)


def test_a_cut_begins_when_it_was_asked_to_between_two_captures() -> None:
    track, _ = moving(uneven())
    take = Take("cam", (640, 480), 30, track.t_us, {1: track})
    motion = cut_out(take, 1.0123, 2.0123, fps=25)
    assert len(motion.seen) == 25
    assert motion.root[:, 0] == pytest.approx(2 * (1.0123 + motion.t_s), abs=1e-5)


def test_a_cut_beyond_the_end_goes_to_the_end() -> None:
    take = make_take()
    assert len(cut_out(take, 1, 60).seen) == 90
    assert len(cut_out(take, 119 / 30).seen) == 1
    with pytest.raises(UsageError, match=r"^stream cam ends at 3\.966667 s; there is nothing from 4 s to 60 s$"):
        cut_out(take, 4, 60)


def test_a_cut_counts_from_the_first_frame_of_all_streams() -> None:
    take = make_take()  # of a recording that began two seconds before
    timeline = make_timeline(take, 30, Cut(1, 4), START_US - 2_000_000)
    assert timeline == Timeline(30, START_US - 1_000_000, 90, 500_000)
    motion = resample(take.tracks[1], timeline)
    assert motion.first == 30
    assert motion.root == pytest.approx(take.tracks[1].root[:60], abs=1e-5)
    with pytest.raises(EmptyCut, match=r"^stream cam ends at 5\.966667 s; there is nothing from 6 s on$"):
        make_timeline(take, 30, Cut(6), START_US - 2_000_000)
    assert make_timeline(take, 30, WHOLE, START_US - 2_000_000) == make_timeline(take, 30)


def test_a_cut_shorter_than_a_frame_has_one() -> None:
    assert len(cut_out(make_take(), 1, 1.001).seen) == 1


def test_a_cut_within_a_gap_has_who_is_seen_in_it() -> None:
    take = with_gap(make_take(), 20, 50)
    assert cut_out(take, 0, 1).seen.tolist() == [True] * 20
    late = cut_out(take, 1, 3)
    assert (late.first, len(late.seen)) == (20, 40)
    assert late.root == pytest.approx(take.tracks[1].root[20:60], abs=1e-5)
    assert cut_out(take, 1, 1.5) is None
    both = cut_out(take, 0.5, 2)
    assert both.gaps == [(5, 35)]
    # What is filled in the whole take is filled in the cut, too.
    short = with_gap(make_take(), 20, 30)
    assert cut_out(short, 0.8, 0.9).root == pytest.approx(only(short).root[24:27], abs=1e-5)


def test_who_comes_after_a_cut_or_left_before_it_is_not_in_it() -> None:
    take = make_take()
    take.tracks[1] = pick(take.tracks[1], np.arange(45, 90))
    assert cut_out(take, 0, 1) is None
    assert cut_out(take, 3.5) is None
    assert cut_out(take, 1, 2).first == 15


def test_a_short_gap_is_filled() -> None:
    track, _ = moving(times(60))
    take = with_gap(Take("cam", (640, 480), 30, times(60), {1: track}), 20, 34)  # 0.5 s from one capture to the next
    motion = only(take)
    assert motion.seen.all()
    assert motion.gaps == []
    assert motion.root[:, 0] == pytest.approx(2 * motion.t_s, abs=1e-5)


def test_a_long_gap_is_marked() -> None:
    take = with_gap(make_take(), 20, 35)
    motion = only(take)
    assert motion.gaps == [(20, 35)]
    assert np.flatnonzero(~motion.seen).tolist() == list(range(20, 35))
    for name in ("score", "image", "world", "image_raw", "world_raw", "bones", "root", "rest", "floor", "angles"):
        value = getattr(motion, name)
        assert np.isnan(value[20:35]).all(), name
        assert not np.isnan(value[[19, 35]]).all(), name
    assert not motion.contact[20:35].any()
    assert motion.held[[0, 19, 20, 34, 35]].tolist() == [0, 19, 19, 19, 35]


def test_a_gap_lies_between_the_captures_at_its_ends() -> None:
    motion = only(with_gap(make_take(), 20, 40), 60)
    assert motion.gaps == [(39, 80)]  # samples 38 and 80 are the captures 19 and 40


def test_a_sample_less_than_half_a_step_into_a_gap_is_the_capture_beside_it() -> None:
    take = with_gap(make_take(), 20, 40)
    motion = only(take, 24)
    track = take.tracks[1]
    # Sample 15 is at 0.625 s, before capture 19; 16 is 33 ms after it, more than half a step; 32 is capture 40.
    assert motion.gaps == [(16, 32)]
    motion = only(take, 20)
    # Sample 13 is at 0.65 s, 17 ms after capture 19; 26 at 1.3 s, 33 ms before capture 40.
    assert motion.gaps == [(14, 27)]
    assert motion.root[13] == pytest.approx(track.root[19])


def test_a_slow_camera_has_no_gaps_between_its_frames() -> None:
    track, _ = moving(times(10, fps=1))
    motion = resample(track, make_timeline(Take("cam", (640, 480), 1, track.t_us, {1: track}), 30))
    assert motion.seen.all()
    assert motion.root[:, 0] == pytest.approx(2 * motion.t_s, abs=1e-4)
    chosen = np.delete(np.arange(10), [4, 5])
    missing = resample(pick(track, chosen), make_timeline(Take("cam", (640, 480), 1, track.t_us), 30))
    assert missing.gaps == [(91, 180)]


def test_nobody_is_seen_before_the_first_capture_or_after_the_last() -> None:
    take = make_take()
    late = pick(take.tracks[1], np.arange(45, 90))
    motion = resample(late, make_timeline(take))
    assert (motion.first, len(motion.seen)) == (45, 45)
    assert motion.root == pytest.approx(late.root, abs=1e-5)
    assert motion.t_s[0] == pytest.approx(1.5)


def test_no_frame_is_lost_to_rounding() -> None:
    for count in (1, 2, 3, 4, 100):
        t_us = times(count)
        track, _ = moving(t_us)
        motion = resample(track, make_timeline(Take("cam", (640, 480), 30, t_us, {1: track})))
        assert len(motion.seen) == count
        assert motion.root == pytest.approx(track.root, abs=1e-5)


def test_people_seen_once_have_one_sample() -> None:
    take = make_take()
    for frame in (0, 7, 119):
        once = pick(take.tracks[1], np.array([frame]))
        motion = resample(once, make_timeline(take, 60))
        assert motion.seen.tolist() == [True]
        assert motion.first == 2 * frame
        assert motion.world == pytest.approx(once.world)


def test_angles_are_not_invented() -> None:
    track, _ = moving(times(3))
    angles = np.zeros((3, 19), np.float32)
    angles[:, 0] = [10, 20, 30]
    angles[:, 1] = [10, np.nan, 30]
    angles[:, 2] = [179, -179, -179]  # over the end of the range
    track = replace(track, angles=angles)
    motion = resample(track, Timeline(90, START_US, 7, 1e6))
    assert motion.angles[:, 0] == pytest.approx([10, 13.333, 16.667, 20, 23.333, 26.667, 30], abs=1e-3)
    expected = [10, 10, np.nan, np.nan, np.nan, 30, 30]
    assert motion.angles[:, 1] == pytest.approx(expected, abs=1e-3, nan_ok=True)
    assert motion.angles[:4, 2] == pytest.approx([179, 179, -179, -179], abs=1e-3)


def test_a_foot_stands_or_does_not() -> None:
    track, _ = moving(times(3))
    contact = np.array([[True, False], [False, False], [False, True]])
    motion = resample(replace(track, contact=contact), Timeline(90, START_US, 7, 1e6))
    assert motion.contact[:, 0].tolist() == [True, True, False, False, False, False, False]
    assert motion.contact[:, 1].tolist() == [False, False, False, False, False, True, True]


def test_landmarks_alone_will_do() -> None:
    take = make_take()
    bare = dict.fromkeys(("bones", "root", "rest", "floor", "contact", "angles"))
    motion = resample(replace(take.tracks[1], **bare), make_timeline(take))
    assert {name: getattr(motion, name) for name in bare} == bare


def test_what_is_no_rotation_is_none() -> None:
    take = make_take()
    bones = take.tracks[1].bones * np.float32(3)
    bones[5] = 0
    motion = resample(replace(take.tracks[1], bones=bones), make_timeline(take))
    assert motion.bones[5] == pytest.approx(np.tile([0, 0, 0, 1], (19, 1)), abs=1e-4)
    assert np.linalg.norm(motion.bones, axis=-1) == pytest.approx(1, abs=1e-6)


@given(
    st.lists(st.integers(1_000, 3_000_000), min_size=1, max_size=40),
    st.lists(st.booleans(), min_size=40, max_size=40),
    st.sampled_from([None, 24.0, 30.0, 60.0]),
)
def test_whatever_was_captured_samples_are_seen_or_marked(
    apart: list[int], seen: list[bool], fps: float | None
) -> None:
    t_us = START_US + np.cumsum(apart)
    chosen = np.array(seen[: len(apart)])
    chosen[0] |= not chosen.any()
    track = pick(moving(t_us)[0], chosen)
    timeline = make_timeline(Take("cam", (640, 480), 30, t_us), fps)
    motion = resample(track, timeline)
    assert motion.seen[[0, -1]].all()
    assert motion.first >= 0
    assert motion.first + len(motion.seen) <= timeline.count
    assert np.array_equal(np.isnan(motion.world).any(axis=(1, 2)), ~motion.seen)
    assert np.array_equal(np.isnan(motion.bones).any(axis=(1, 2)), ~motion.seen)
    # A gap is only where nobody was captured for longer than the rule allows, and half a step is left at each end.
    for start, end in motion.gaps:
        early, late = timeline.start_us + (motion.first + np.array([start, end - 1])) * 1e6 / timeline.fps
        inside = (track.t_us > early) & (track.t_us < late)
        assert not inside.any()
    held = np.interp(motion.t_s, (track.t_us - timeline.start_us) / 1e6, track.root[:, 0])
    assert motion.root[motion.seen, 0] == pytest.approx(held[motion.seen], abs=2 / timeline.fps + 1e-3)


@pytest.mark.parametrize(
    ("t_us", "nominal", "fps"),
    [
        (times(100), 0, 30),
        (times(100), 30, 30),
        (times(100, 29.5), 30, 30),  # a camera that says 30 and is a little off
        (times(1000, 30000 / 1001), 0, 29.97),
        (uneven(), 30, 30),
        (times(100, 15), 30, 15),  # every other frame was too much for the engine
        (np.delete(times(100), [3, 30, 31, 32, 77]), 0, 30),
        (times(1), 25, 25),
        (times(1), 0, 30),
    ],
)
def test_the_rate_of_a_take(t_us: np.ndarray, nominal: float, fps: float) -> None:
    assert source_fps(Take("cam", (640, 480), nominal, t_us)) == pytest.approx(fps)


def test_uneven_captures_have_a_rate_too() -> None:
    assert source_fps(Take("cam", (640, 480), 0, uneven())) == pytest.approx(30, rel=0.05)


def test_the_last_frame_of_a_take_is_in_it() -> None:
    take = make_take(walk)
    assert make_timeline(take) == Timeline(30, START_US, 120, 500_000)
    assert make_timeline(take, 60).count == 239
