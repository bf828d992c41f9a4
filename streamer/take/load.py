"""A recording's takes: every frame of each stream as arrays."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from protocol.messages import Array, Frame, Pose
from protocol.skeleton import ANGLES, BONES, LANDMARKS
from streamer.errors import RecordingError
from streamer.recording.format import Kind
from streamer.recording.reader import Recording
from streamer.take.take import Floats, Take, Track

MAX_TAKE_BYTES: Final = 4_000_000_000
"""Frames of one recording that are loaded: some nine hours of one person at 30 frames a second."""
_FRAMES: Final[tuple[Kind, ...]] = ("frame",)
_NO_ANGLES: Final = np.full(len(ANGLES), np.nan, np.float32)


def load_takes(path: Path) -> dict[str, Take]:
    """The takes of a recording, whole or cut, by stream, as they are: nothing is resampled or smoothed.

    Frames whose capture isn't after the one before are left out. A person who has a body in some frames only, as where
    a recording began before the solver did, keeps the last one in the others, or has the first one before it came.
    Raises RecordingError for what is no recording, is damaged, or holds more than MAX_TAKE_BYTES.
    """
    frames: dict[str, list[Frame]] = defaultdict(list)
    total = 0
    with Recording.open(path) as recording:
        infos = recording.streams
        for message in recording.messages(kinds=_FRAMES):
            total += len(message.data)
            if total > MAX_TAKE_BYTES:
                raise RecordingError(f"{path}: more than {MAX_TAKE_BYTES} bytes of frames")
            before = frames[message.stream]
            frame = message.frame()
            if not before or frame.t_us > before[-1].t_us:
                before.append(frame)
    takes = {}
    for stream, info in infos.items():
        found = frames[stream]
        size = found[0].size if found else (info.width, info.height)
        times = np.array([frame.t_us for frame in found], np.int64)
        try:
            takes[stream] = Take(stream, size, info.fps, times, _tracks(found))
        except ValueError as error:
            raise RecordingError(f"{path}, stream {stream}: {error}") from None
    return takes


def _tracks(frames: list[Frame]) -> dict[int, Track]:
    seen: dict[int, list[tuple[int, Pose]]] = defaultdict(list)
    for frame in frames:
        for pose in frame.poses:
            if not seen[pose.id] or seen[pose.id][-1][0] < frame.t_us:
                seen[pose.id].append((frame.t_us, pose))
    return {id: _track(id, [t_us for t_us, _ in poses], [pose for _, pose in poses]) for id, poses in seen.items()}


def _track(id: int, times: list[int], poses: list[Pose]) -> Track:
    landmarks, bones = (len(LANDMARKS), 4), (len(BONES), 4)
    with_body = [pose for pose in poses if pose.bones is not None and pose.rest is not None]
    track = Track(
        id,
        np.array(times, np.int64),
        np.array([pose.score for pose in poses], np.float32),
        _stack("image", [pose.image for pose in poses], landmarks),
        _stack("world", [pose.world for pose in poses], landmarks),
        _stack("image_raw", [pose.image if pose.image_raw is None else pose.image_raw for pose in poses], landmarks),
        _stack("world_raw", [pose.world if pose.world_raw is None else pose.world_raw for pose in poses], landmarks),
    )
    if any(pose.angles is not None for pose in poses):
        angles = [_NO_ANGLES if pose.angles is None else pose.angles for pose in poses]
        track = replace(track, angles=_stack("angles", angles, _NO_ANGLES.shape))
    if with_body:
        lasting, last = [], with_body[0]
        for pose in poses:
            last = pose if pose.bones is not None and pose.rest is not None else last
            lasting.append(last)
        track = replace(
            track,
            bones=_stack("bones", [pose.bones for pose in lasting], bones),
            root=_stack("root", [pose.root for pose in lasting], (3,)),
            rest=_stack("rest", [pose.rest for pose in lasting], (len(BONES), 3)),
            floor=np.array([np.nan if pose.floor is None else pose.floor for pose in lasting], np.float32),
            contact=np.array([pose.contact for pose in lasting], np.bool_),
        )
    return track


def _stack(name: str, arrays: Sequence[Array | None], shape: tuple[int, ...]) -> Floats:
    """Raises ValueError where one is missing or of another shape."""
    for array in arrays:
        if array is None or array.shape != shape:
            found = "missing" if array is None else "x".join(map(str, array.shape))
            raise ValueError(f"{name} of a person is {found}; {'x'.join(map(str, shape))} is needed")
    return np.array(arrays, np.float32)
