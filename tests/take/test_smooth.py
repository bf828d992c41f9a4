from dataclasses import replace

import numpy as np
import pytest

from streamer.take.smooth import GAP_US, segments, smooth_landmarks
from streamer.take.take import Track
from tests.takes import FPS, SIZE, make_take, pick

ASPECT = SIZE[0] / SIZE[1]


def still(frames: int = 60, visibility: float = 1.0) -> Track:
    """Who stands as in the first frame of a walk."""
    track = make_take().tracks[1]
    image, world = (np.repeat(values[:1], frames, axis=0) for values in (track.image, track.world))
    image[..., 3] = world[..., 3] = visibility
    t_us = np.round(1e6 + np.arange(frames) / FPS * 1e6).astype(np.int64)
    return Track(1, t_us, np.ones(frames, np.float32), image, world, image, world)


def trembling(track: Track, metres: float = 0.015, seed: int = 0) -> Track:
    rng = np.random.default_rng(seed)
    image, world = track.image_raw.copy(), track.world_raw.copy()
    world[..., :3] += rng.normal(size=world[..., :3].shape) * metres
    image[..., :3] += rng.normal(size=image[..., :3].shape) * metres * 0.3 / [ASPECT, 1, ASPECT]
    return replace(track, image=image, world=world, image_raw=image, world_raw=world)


def rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.square(values, dtype=float).sum(axis=-1).mean()))


def test_stretches_end_at_gaps() -> None:
    t_us = np.array([0, 10, 20, 20 + GAP_US, 21 + 2 * GAP_US, 30 + 2 * GAP_US])
    assert list(segments(t_us)) == [slice(0, 4), slice(4, 6)]
    assert list(segments(t_us[:1])) == [slice(0, 1)]
    assert list(segments(t_us[:0])) == []


def test_who_stands_as_if_painted_stays_so() -> None:
    track = still()
    smoothed = smooth_landmarks(track, ASPECT)
    assert np.abs(smoothed.world - track.world).max() < 1e-6
    assert np.abs(smoothed.image - track.image).max() < 1e-6


def test_a_walk_keeps_its_shape_and_loses_its_trembling() -> None:
    truth = make_take().tracks[1]
    track = trembling(truth)
    smoothed = smooth_landmarks(track, ASPECT)
    for name in ("world", "image"):
        exact, raw, smooth = (getattr(one, name)[..., :3] for one in (truth, track, smoothed))
        assert rms(smooth - exact) < 0.6 * rms(raw - exact), name
        assert rms(np.diff(smooth - exact, 2, axis=0)) < 0.1 * rms(np.diff(raw - exact, 2, axis=0)), name
    assert (smoothed.world_raw == track.world_raw).all()


def test_a_smoothed_take_looks_the_same_backwards() -> None:
    track = trembling(make_take().tracks[1])
    reverse = replace(
        pick(track, np.arange(len(track.t_us))[::-1]), t_us=(track.t_us[0] + track.t_us[-1] - track.t_us)[::-1]
    )
    forward, backward = smooth_landmarks(track, ASPECT), smooth_landmarks(reverse, ASPECT)
    assert np.abs(backward.world[::-1] - forward.world).max() < 1e-5
    assert np.abs(backward.image[::-1] - forward.image).max() < 1e-5


def test_near_or_far_the_picture_is_smoothed_alike() -> None:
    track = trembling(make_take().tracks[1])
    small = track.image_raw.copy()
    small[..., :3] *= 0.25
    far = replace(track, image=small, image_raw=small)
    near, tiny = smooth_landmarks(track, ASPECT), smooth_landmarks(far, ASPECT)
    assert np.abs(tiny.image[..., :3] * 4 - near.image[..., :3]).max() < 1e-5


def test_hidden_landmarks_are_trusted_less() -> None:
    seen, hidden = (smooth_landmarks(trembling(still(visibility=value)), ASPECT) for value in (1.0, 0.1))
    assert rms(np.diff(hidden.world[..., :3], axis=0)) < 0.5 * rms(np.diff(seen.world[..., :3], axis=0))


def test_nothing_reaches_across_a_gap() -> None:
    track = trembling(make_take().tracks[1])
    half = len(track.t_us) // 2
    parted = replace(track, t_us=track.t_us + np.where(np.arange(len(track.t_us)) < half, 0, GAP_US))
    alone = smooth_landmarks(pick(track, np.arange(half)), ASPECT)
    assert (smooth_landmarks(parted, ASPECT).world[:half] == alone.world).all()


def test_visibility_is_smoothed_and_stays_in_its_range() -> None:
    track = still(90)
    flicker = track.image_raw.copy()
    flicker[..., 3] = (np.arange(90) // 30 % 2)[:, None]
    flicker[10, :, 3] = 1.0
    shown = smooth_landmarks(replace(track, image_raw=flicker), ASPECT).image[..., 3]
    assert shown.min() >= 0.0
    assert shown.max() <= 1.0
    assert shown[10].max() < 0.4
    assert shown[45].min() > 0.9


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_are_left_out(value: float) -> None:
    track = trembling(still())
    image, world = track.image_raw.copy(), track.world_raw.copy()
    image[20, 5, 1] = world[20, 5, 0] = world[21, 6, 3] = image[22, 7, 3] = value
    image[30] = world[30] = value  # a whole frame
    world[:, 9, 2] = value  # a landmark throughout
    smoothed = smooth_landmarks(replace(track, image_raw=image, world_raw=world), ASPECT)
    others = np.arange(33) != 9
    assert np.isfinite(smoothed.image).all()
    assert np.isfinite(smoothed.world[:, others]).all()
    assert np.abs(smoothed.world[:, others] - smooth_landmarks(track, ASPECT).world[:, others]).max() < 0.05


def test_a_frame_or_two_stay_as_they_are() -> None:
    track = pick(make_take().tracks[1], np.arange(2))
    assert (smooth_landmarks(track, ASPECT).world == track.world_raw).all()
    nobody = pick(track, np.arange(0))
    assert smooth_landmarks(nobody, ASPECT).world.shape == (0, 33, 4)
