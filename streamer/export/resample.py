"""A take at a constant rate: what was captured at uneven times, interpolated to even ones.

Positions, visibilities and angles go linearly from one capture to the next, rotations along the shortest arc (Shoemake,
"Animating Rotation with Quaternion Curves", SIGGRAPH 1985), flags take the nearest capture. Where a person wasn't seen
for longer than the gap rule allows, samples are marked as unseen instead.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from streamer.export.cut import WHOLE, Cut, EmptyCut
from streamer.solver.quaternion import IDENTITY, Array, difference, from_vector, multiply, to_vector, unit
from streamer.take.take import Floats, Take, Track

FILLED_S: Final = 0.5
"""A gap up to so long is filled by interpolation, a longer one is marked."""
FILLED_FRAMES: Final = 2.0
"""But what isn't longer than so many of the take's own frames is no gap: slow cameras have none shorter."""
NOMINAL: Final = 0.05
"""A measured rate that is off the camera's nominal one by no more than this share stands for it."""
USUAL: Final = 0.25
"""Intervals that are off their median by no more than this share are of the usual length."""
ROUNDING: Final = 1e-6
"""Parts of a frame by which a cut may seem to be too long, as binary numbers have 0.1 s."""
AT_ONCE: Final = 10_000
"""Samples that are worked out together: more would take memory, and no less time."""
UNKNOWN_FPS: Final = 30.0
"""Of a take that is too short to tell and whose camera didn't say."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The samples of a take: number k, of `count`, is at k / fps seconds after `start_us`.

    start_us: where the cut begins, also where that is before the take's first frame; the first frame itself if all of
    the take is taken. filled_us: a person who isn't seen for longer than this leaves a gap.
    """

    fps: float
    start_us: int
    count: int
    filled_us: float


@dataclass(frozen=True, slots=True)
class Motion:
    """One person at a constant rate: K samples, from the first of the timeline in which it was seen to the last.

    id, and the arrays: as in Track, with K for T. fps: samples a second. first: the first sample's number on the
    timeline. seen: (K,) bool; where it is false, in a gap, numbers are NaN and `contact` is false.
    """

    id: int
    fps: float
    first: int
    seen: NDArray[np.bool_]
    score: Floats
    image: Floats
    world: Floats
    image_raw: Floats
    world_raw: Floats
    bones: Floats | None = None
    root: Floats | None = None
    rest: Floats | None = None
    floor: Floats | None = None
    contact: NDArray[np.bool_] | None = None
    angles: Floats | None = None

    @property
    def frames(self) -> NDArray[np.int64]:
        """(K,) the samples' numbers on the timeline."""
        return self.first + np.arange(len(self.seen))

    @property
    def t_s(self) -> NDArray[np.float64]:
        """(K,) seconds from the timeline's first sample."""
        return np.asarray(self.frames / self.fps)

    @property
    def held(self) -> NDArray[np.int64]:
        """(K,) index of the sample itself where the person is seen, of the last before it in a gap."""
        return np.maximum.accumulate(np.where(self.seen, np.arange(len(self.seen)), 0))

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """Start and end (the first sample after it) of each gap, as indices."""
        edges = np.flatnonzero(np.diff(self.seen.astype(np.int8))) + 1
        return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def source_fps(take: Take) -> float:
    """The take's own rate: what its captures usually are apart, or the nominal rate where that is about the same."""
    if len(take.t_us) < 2:
        return take.fps or UNKNOWN_FPS
    apart = np.diff(take.t_us)
    median = float(np.median(apart))
    usual = apart[np.abs(apart - median) <= USUAL * median]
    fps = round(1e6 / (float(usual.mean()) if len(usual) else median), 3)
    return take.fps if abs(fps - take.fps) <= NOMINAL * take.fps else fps


def make_timeline(take: Take, fps: float | None = None, cut: Cut = WHOLE, cut_from_us: int | None = None) -> Timeline:
    """The samples of what is cut out of a take of one frame or more, `fps` a second, or as many as it has itself.

    cut_from_us: the capture that a cut's seconds count from, None for the take's first; all of a take begins with its
    own first. Raises EmptyCut for a cut that begins after the take's end.
    """
    own = source_fps(take)
    fps = own if fps is None else fps
    first_us, end_us = int(take.t_us[0]), int(take.t_us[-1])
    if cut_from_us is not None and cut != WHOLE:
        first_us = cut_from_us
    start_us = first_us + round(1e6 * cut.start_s)
    if start_us > end_us:
        span_s = (end_us - first_us) / 1e6
        raise EmptyCut(f"stream {take.stream} ends at {span_s:.10g} s; there is nothing {cut}")
    count = _nearest(end_us - start_us, 1e6 / fps) + 1
    if cut.end_s is not None:
        count = min(count, max(1, math.ceil((cut.end_s - cut.start_s) * fps - ROUNDING)))
    return Timeline(fps, start_us, count, 1e6 * max(FILLED_S, FILLED_FRAMES / own))


def _nearest(us: float, step_us: float) -> int:
    """The number of the sample nearest to a time, the later one of two."""
    return math.floor(us / step_us + 0.5)


def resample(track: Track, timeline: Timeline) -> Motion | None:
    """The person at the timeline's samples, None for somebody who isn't seen at any.

    A sample up to half a step off what was seen takes the nearest capture. What was captured before and after the
    timeline counts for the samples at its ends as for any.
    """
    step_us = 1e6 / timeline.fps
    t_us = (track.t_us - timeline.start_us).astype(np.float64)
    first = max(0, math.ceil(t_us[0] / step_us - 0.5))
    last = min(timeline.count - 1, _nearest(t_us[-1], step_us))
    times = np.clip(np.arange(first, last + 1) * step_us, t_us[0], t_us[-1])
    before = np.clip(np.searchsorted(t_us, times, side="right") - 1, 0, max(0, len(t_us) - 2))
    after = np.minimum(before + 1, len(t_us) - 1)
    span = t_us[after] - t_us[before]
    share = (times - t_us[before]) / np.where(span > 0, span, 1.0)
    in_gap = span > timeline.filled_us
    near = np.minimum(times - t_us[before], t_us[after] - times) <= step_us / 2
    share = np.where(in_gap, np.rint(share), share)
    seen = ~in_gap | near
    if not seen.any():
        return None
    [sure] = np.nonzero(seen)
    kept = slice(int(sure[0]), int(sure[-1]) + 1)  # a cut may begin or end within a gap
    seen = seen[kept]
    between = _Between(before[kept], after[kept], share[kept], seen)
    return Motion(
        track.id,
        timeline.fps,
        first + kept.start,
        seen,
        score=between.linear(track.score),
        image=between.linear(track.image),
        world=between.linear(track.world),
        image_raw=between.linear(track.image_raw),
        world_raw=between.linear(track.world_raw),
        bones=None if track.bones is None else between.slerp(track.bones),
        root=None if track.root is None else between.linear(track.root),
        rest=None if track.rest is None else between.linear(track.rest),
        floor=None if track.floor is None else between.linear(track.floor),
        contact=None if track.contact is None else between.nearest(track.contact) & seen[:, None],
        angles=None if track.angles is None else between.angles(track.angles),
    )


@dataclass(frozen=True, slots=True)
class _Between:
    """Where each sample lies: between captures `before` and `after`, at `share` of the way; NaN unless `seen`."""

    before: NDArray[np.intp]
    after: NDArray[np.intp]
    share: Array
    seen: NDArray[np.bool_]

    def nearest(self, values: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return values[np.where(self.share < 0.5, self.before, self.after)]

    def linear(self, values: Floats) -> Floats:
        return self._marked(self._mixed(values, lambda start, end, over: start + (end - start) * over))

    def slerp(self, values: Floats) -> Floats:
        return self._marked(_of_one_sign(self._mixed(values, _turned)))

    def angles(self, values: Floats) -> Floats:
        return self._marked(self._mixed(values, _between_angles))

    def _mixed(self, values: Floats, mix: Callable[[Array, Array, Array], Array]) -> Floats:
        mixed = np.empty((len(self.seen), *values.shape[1:]), np.float32)
        for first in range(0, len(mixed), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            start, end = (values[edge[part]].astype(np.float64) for edge in (self.before, self.after))
            mixed[part] = mix(start, end, self.share[part].reshape(-1, *[1] * (values.ndim - 1)))
        return mixed

    def _marked(self, values: Floats) -> Floats:
        values[~self.seen] = np.nan
        return values


def _turned(start: Array, end: Array, over: Array) -> Array:
    start, end = unit(start, IDENTITY), unit(end, IDENTITY)
    return unit(multiply(start, from_vector(to_vector(difference(start, end)) * over)), IDENTITY)


def _between_angles(start: Array, end: Array, over: Array) -> Array:
    """Degrees. Where one can't be told, or the range ends between them, the nearest is taken as it is."""
    way = end - start
    return np.where(np.abs(way) <= 180.0, start + way * over, np.where(over < 0.5, start, end))


def _of_one_sign(turns: Floats) -> Floats:
    """Quaternions (K, B, 4) whose signs follow on from sample to sample, so that they can be interpolated."""
    flips = np.where(np.einsum("kbi,kbi->kb", turns[1:], turns[:-1]) < 0, np.float32(-1.0), np.float32(1.0))
    turns[1:] *= np.cumprod(flips, axis=0)[..., None]
    return turns
