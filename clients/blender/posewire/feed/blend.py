"""A frame between two others."""

from dataclasses import replace

import numpy as np

from .messages import Array, Frame, Pose
from .quaternion import nlerp


def blend(earlier: Frame, later: Frame, share: float, t_us: int) -> Frame:
    """The frame for the moment `t_us`, `share` (0 to 1) of the way from one to the other.

    People are matched by id. Who is only in the earlier frame is shown as there, who is only in the later one not yet.
    """
    others = {pose.id: pose for pose in later.poses}
    poses = tuple([_blend_pose(pose, others[pose.id], share) if pose.id in others else pose for pose in earlier.poses])
    return replace(earlier, t_us=t_us, poses=poses)


def _blend_pose(a: Pose, b: Pose, share: float) -> Pose:
    floor = a.floor if a.floor is None or b.floor is None else a.floor + (b.floor - a.floor) * share
    return Pose(
        a.id,
        a.score,
        _linear(a.image, b.image, share),
        _linear(a.world, b.world, share),
        _rotations(a.bones, b.bones, share),
        _linear(a.root, b.root, share),
        a.held,
        a.contact,
        floor,
        _linear(a.rest, b.rest, share),
        _linear(a.angles, b.angles, share),
    )


def _linear(a: Array | None, b: Array | None, share: float) -> Array | None:
    """NaN, an angle that can't be told, stays NaN where it is in either."""
    if a is None or b is None or a.shape != b.shape:
        return a
    # Not a + (b - a) * share: between two finite numbers of any size this is finite.
    between: Array = a * np.float32(1 - share) + b * np.float32(share)
    return between


def _rotations(a: Array | None, b: Array | None, share: float) -> Array | None:
    if a is None or b is None or a.shape != b.shape:
        return a
    return nlerp(a, b, share).astype(np.float32)
