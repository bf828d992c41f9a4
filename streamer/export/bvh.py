"""BVH: a hierarchy of joints with the person's own bone lengths, and the solver's rotations.

Centimetres, the floor at 0, +Y up, the T-pose facing +Z. Degrees, in the order Z, X, Y: a joint's rotation is
Rz · Rx · Ry in its parent's axes. The hips' position is on the stage; all other joints only turn. BVH can't mark a gap:
the pose before it is held. It has no start either: until the person is first seen, the first pose is held, so that the
files of all people start together.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from protocol.skeleton import BONES, PARENTS
from streamer.export.performance import Files, Format, Performance
from streamer.export.stage import rest, tips
from streamer.solver.quaternion import Array, matrix

CM_PER_M: Final = 100.0
_CHILDREN: Final = {
    bone: [child for child, parent in enumerate(PARENTS) if parent == bone] for bone in range(len(BONES))
}


def _files(performance: Performance, path: Path) -> Files:
    return {path: lambda: _write(performance)}


FORMAT: Final = Format(".bvh", one_person=True, needs_body=True, gaps="the pose held", files=_files)


def _write(performance: Performance) -> Iterator[bytes]:
    [motion] = performance.motions
    assert motion.bones is not None
    offsets = rest(motion) * CM_PER_M
    ends = {name: tip * CM_PER_M for name, tip in tips(rest(motion)).items()}
    lines = ["HIERARCHY", *_hierarchy(0, offsets, ends, ""), "MOTION"]
    lines += [f"Frames: {motion.first + len(motion.seen)}", f"Frame Time: {1 / motion.fps:.8f}"]
    yield ("\n".join(lines) + "\n").encode()
    held = motion.bones[motion.held]
    turns = [euler_zxy(held[:, bone].astype(np.float64)) for bone in range(len(BONES))]  # all at once take memory
    places = performance.stage.hips(motion)[motion.held] * CM_PER_M
    rows = np.concatenate([places, *turns], axis=1)
    row = " ".join(["%.4f"] * rows.shape[1]) + "\n"
    for frame in range(-motion.first, len(rows)):
        yield (row % tuple(rows[max(0, frame)].tolist())).encode()


def _hierarchy(bone: int, offsets: Array, ends: dict[str, Array], indent: str) -> list[str]:
    """The lines of a joint and all below it; joints come in the order of BONES, as their numbers do."""
    name = BONES[bone]
    lines = [f"{indent}{'ROOT' if bone == 0 else 'JOINT'} {name}", f"{indent}{{"]
    inner = f"{indent}\t"
    if bone == 0:
        lines += [
            f"{inner}OFFSET 0 0 0",
            f"{inner}CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation",
        ]
    else:
        lines += [f"{inner}{_offset(offsets[bone])}", f"{inner}CHANNELS 3 Zrotation Xrotation Yrotation"]
    for child in _CHILDREN[bone]:
        lines += _hierarchy(child, offsets, ends, inner)
    if name in ends:
        lines += [f"{inner}End Site", f"{inner}{{", f"{inner}\t{_offset(ends[name])}", f"{inner}}}"]
    return [*lines, f"{indent}}}"]


def _offset(place: Array) -> str:
    x, y, z = place.tolist()
    return f"OFFSET {x:.4f} {y:.4f} {z:.4f}"


def euler_zxy(turns: Array) -> Array:
    """(K, ..., 3) degrees about z, x and y of rotations (K, ..., 4) over time, without jumps.

    A rotation has two such triples, and each angle any number of full turns: from sample to sample it is the nearest.
    """
    turns = turns / np.linalg.norm(turns, axis=-1, keepdims=True)
    m = matrix(turns)
    across = np.hypot(m[..., 0, 1], m[..., 1, 1])
    is_locked = across < 1e-9  # x at a right angle: z and y turn about the same axis, and all is given to z
    z = np.where(is_locked, np.arctan2(m[..., 1, 0], m[..., 0, 0]), np.arctan2(-m[..., 0, 1], m[..., 1, 1]))
    x = np.arctan2(m[..., 2, 1], across)
    y = np.where(is_locked, 0.0, np.arctan2(-m[..., 2, 0], m[..., 2, 2]))
    one = np.stack([z, x, y], axis=-1)
    other = np.stack([z + np.pi, np.pi - x, y + np.pi], axis=-1)
    # Both triples of a sample are as far apart from both of the one before, crosswise: so a change over is a flip.
    stay, change = (np.abs(_wrap(next_ - one[:-1])).sum(axis=-1) for next_ in (one[1:], other[1:]))
    flips = np.cumsum(change < stay, axis=0) % 2 == 1
    one[1:] = np.where(flips[..., None], other[1:], one[1:])
    return np.asarray(np.degrees(np.unwrap(one, axis=0)))


def _wrap(radians: Array) -> Array:
    return (radians + np.pi) % (2 * np.pi) - np.pi
