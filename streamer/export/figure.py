"""A plain figure for viewers: a tapered block for each bone of a person, stiffly bound to it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import BONES, PARENTS
from streamer.export.stage import tips
from streamer.solver.kinematics import INDEX
from streamer.solver.quaternion import Array, cross, unit

_WIDTHS: Final = {  # half the breadth at the start and at the end, half the depth at both, as parts of the shoulders'
    "hips": (0.36, 0.34, 0.26, 0.24),
    "spine": (0.32, 0.36, 0.22, 0.24),
    "chest": (0.38, 0.30, 0.26, 0.18),
    "neck": (0.14, 0.14, 0.14, 0.14),
    "head": (0.18, 0.26, 0.20, 0.24),
    "Shoulder": (0.16, 0.18, 0.16, 0.16),
    "UpperArm": (0.20, 0.16, 0.20, 0.16),
    "LowerArm": (0.16, 0.11, 0.16, 0.11),
    "Hand": (0.15, 0.10, 0.07, 0.04),
    "UpperLeg": (0.30, 0.21, 0.30, 0.21),
    "LowerLeg": (0.21, 0.14, 0.21, 0.14),
    "Foot": (0.18, 0.18, 0.13, 0.08),
}
_NEXT: Final = {"hips": "spine", "chest": "neck"}
"""Of a bone with several children the one that its block ends at."""
_CORNERS: Final = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float64)
_FACES: Final = np.array(  # corners of the start are 0 to 3, of the end 4 to 7; counter-clockwise from outside
    [[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]
)


@dataclass(frozen=True, slots=True)
class Mesh:
    """Triangles with flat faces in the T-pose, metres, hips where they are over the floor.

    positions, normals: (V, 3). bones: (V,) the bone that each vertex is bound to. triangles: (F, 3) vertices.
    """

    positions: NDArray[np.float32]
    normals: NDArray[np.float32]
    bones: NDArray[np.uint8]
    triangles: NDArray[np.uint16]


def joints_at_rest(offsets: Array) -> Array:
    """(B, 3) the joints of a T-pose with the given rest offsets (B, 3), the floor at height 0."""
    places: Array = offsets.copy()
    for bone, parent in enumerate(PARENTS[1:], start=1):
        places[bone] += places[parent]
    return places


def make_mesh(offsets: Array) -> Mesh:
    """The figure of a person with rest offsets (B, 3)."""
    joints, ends = joints_at_rest(offsets), tips(offsets)
    shoulders = 2 * float(np.linalg.norm(offsets[INDEX["leftShoulder"], :1] + offsets[INDEX["leftUpperArm"], :1]))
    positions, normals = [], []
    for bone, name in enumerate(BONES):
        widths = _WIDTHS[name.removeprefix("left").removeprefix("right")]
        end = joints[bone] + ends[name] if name in ends else joints[_end_of(bone)]
        block = _block(joints[bone], end, shoulders / 2 * np.array(widths))
        corners = block[_FACES]  # (6, 4, 3)
        positions.append(corners.reshape(-1, 3))
        across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normals.append(np.repeat(unit(across, np.array([0.0, 1.0, 0.0])), 4, axis=0))
    count = 4 * len(_FACES)
    quads = np.arange(0, count * len(BONES), 4)[:, None]
    return Mesh(
        np.concatenate(positions).astype(np.float32),
        np.concatenate(normals).astype(np.float32),
        np.repeat(np.arange(len(BONES)), count).astype(np.uint8),
        np.add(quads, [0, 1, 2, 0, 2, 3]).reshape(-1, 3).astype(np.uint16),
    )


def _end_of(bone: int) -> int:
    """The joint that a bone's block ends at."""
    if BONES[bone] in _NEXT:
        return INDEX[_NEXT[BONES[bone]]]
    return PARENTS.index(bone)


def _block(start: Array, end: Array, widths: Array) -> Array:
    """(8, 3) corners: four about the start and four about the end."""
    along = unit(end - start, np.array([0.0, 1.0, 0.0]))
    sideways = unit(cross(along, np.array([0.0, 0.0, 1.0])), np.array([1.0, 0.0, 0.0]))
    ahead = cross(along, sideways)
    frame = np.stack([sideways, ahead])
    broad_start, broad_end, deep_start, deep_end = widths.tolist()
    about_start = _CORNERS * [broad_start, deep_start] @ frame + start
    about_end = _CORNERS * [broad_end, deep_end] @ frame + end
    return np.concatenate([about_start, about_end])
