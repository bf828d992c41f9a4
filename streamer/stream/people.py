"""People of a frame message with all there is, in the form in which the pipeline brings them to everyone."""

import numpy as np
from numpy.typing import NDArray

from protocol.messages import Array, Frame, Pose
from protocol.skeleton import ANGLES, BONES, LANDMARKS
from streamer.body import Body, Person
from streamer.engine.base import Detection
from streamer.errors import SkeletonError

_POINTS = (len(LANDMARKS), 4)


def people_of(frame: Frame) -> list[Person]:
    """Everyone in a frame, number for number as they were.

    A body is there where all that makes one is: bones, root, floor and rest. Raises SkeletonError where landmarks
    are missing, or anything has another shape than this version's skeleton.
    """
    try:
        return [_person(pose) for pose in frame.poses]
    except SkeletonError as error:
        raise SkeletonError(f"stream {frame.stream}, {frame.t_us} us: {error}") from None


def _person(pose: Pose) -> Person:
    smoothed = Detection(_needed("image", pose.image, _POINTS), _needed("world", pose.world, _POINTS), pose.score)
    raw = None
    if pose.image_raw is not None and pose.world_raw is not None:
        raw = Detection(
            _needed("image_raw", pose.image_raw, _POINTS), _needed("world_raw", pose.world_raw, _POINTS), pose.score
        )
    body = None
    if pose.bones is not None and pose.root is not None and pose.rest is not None and pose.floor is not None:
        bones = _needed("bones", pose.bones, (len(BONES), 4))
        rest = _needed("rest", pose.rest, (len(BONES), 3))
        body = Body(bones, _needed("root", pose.root, (3,)), pose.floor, rest, pose.held, pose.contact)
    angles = None if pose.angles is None else _needed("angles", pose.angles, (len(ANGLES),))
    return Person(pose.id, smoothed, body, angles, raw)


def _needed(name: str, array: Array | None, shape: tuple[int, ...]) -> NDArray[np.float32]:
    if array is None or array.shape != shape:
        found = "missing" if array is None else "x".join(map(str, array.shape))
        raise SkeletonError(f"{name} of a person is {found}; {'x'.join(map(str, shape))} is needed")
    return np.asarray(array, np.float32)
