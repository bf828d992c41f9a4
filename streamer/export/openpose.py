"""OpenPose's JSON: a folder with one file a frame, named as OpenPose does, so that Pose2Sim and the like take it.

Pixels from the top left corner of the picture, confidence is the visibility. A point that no landmark stands for (the
small toes) is 0, 0, 0, which means that it wasn't found. Every frame has its file; somebody who is in a gap isn't among
its people. Neck and middle of the hips, which no landmark stands for either, lie midway between left and right.
"""

import json
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import LANDMARKS
from streamer.export.performance import Files, Format, Performance
from streamer.export.resample import Motion

_BODY_25: Final = """nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist middle_hip
    right_hip right_knee right_ankle left_hip left_knee left_ankle right_eye left_eye right_ear left_ear
    left_foot_index - left_heel right_foot_index - right_heel"""
_COCO: Final = """nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist
    right_hip right_knee right_ankle left_hip left_knee left_ankle right_eye left_eye right_ear left_ear"""
LAYOUTS: Final = {"BODY_25": tuple(_BODY_25.split()), "COCO": tuple(_COCO.split())}
"""What stands for each of OpenPose's points: a landmark, one of those below, or nothing (the small toes)."""
_MIDWAY: Final = {"neck": ("left_shoulder", "right_shoulder"), "middle_hip": ("left_hip", "right_hip")}
_NOBODYS: Final = (
    *("face_keypoints_2d", "hand_left_keypoints_2d", "hand_right_keypoints_2d", "pose_keypoints_3d"),
    *("face_keypoints_3d", "hand_left_keypoints_3d", "hand_right_keypoints_3d"),
)


def _files(performance: Performance, path: Path) -> Files:
    name = path.name.removesuffix(FORMAT.suffix)
    people: dict[int, list[tuple[int, list[float]]]] = {}
    for motion in performance.motions:
        found = points(motion, performance.size, performance.layout)[motion.seen]
        for frame, numbers in zip(motion.frames[motion.seen].tolist(), found.tolist(), strict=True):
            people.setdefault(frame, []).append((motion.id, numbers))
    return {
        path / f"{name}_{frame:012}_keypoints.json": partial(_write, people.get(frame, []))
        for frame in range(performance.timeline.count)
    }


FORMAT: Final = Format(
    "_json", one_person=False, needs_body=False, gaps="left out of a frame's people", files=_files, is_folder=True
)


def points(motion: Motion, size: tuple[int, int], layout: str) -> NDArray[np.float64]:
    """(K, 3 * P) x and y in pixels and confidence of a layout's P points, one after the other; NaN in gaps."""
    index = {name: number for number, name in enumerate(LANDMARKS)}
    found = np.zeros((len(motion.seen), len(LAYOUTS[layout]), 3))
    seen = motion.image[..., [0, 1, 3]].astype(np.float64)
    seen[..., :2] *= size
    for place, name in enumerate(LAYOUTS[layout]):
        if name in index:
            found[:, place] = seen[:, index[name]]
        elif name in _MIDWAY:
            left, right = (seen[:, index[side]] for side in _MIDWAY[name])
            found[:, place, :2] = (left[:, :2] + right[:, :2]) / 2
            found[:, place, 2] = np.minimum(left[:, 2], right[:, 2])
    return np.asarray(found.reshape(len(found), -1).round(3))


def _write(people: list[tuple[int, list[float]]]) -> list[bytes]:
    told = [
        {"person_id": [id], "pose_keypoints_2d": numbers, **{name: [] for name in _NOBODYS}} for id, numbers in people
    ]
    return [json.dumps({"version": 1.3, "people": told}, separators=(",", ":")).encode()]
