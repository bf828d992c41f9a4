"""What is said of a picture: the JSON object of `posewire detect` and of `POST /detect`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from protocol.limits import JSON_DECIMALS
from protocol.skeleton import ALL, ANGLES, LANDMARKS
from streamer.engine.base import Detection, Landmarks
from streamer.solver import joint_angles

PHOTO_FIELDS = ("image", "world", "angles")


def report(
    people: Sequence[Detection],
    width: int,
    height: int,
    fields: Sequence[str] = PHOTO_FIELDS,
    landmarks: Sequence[int] = ALL,
) -> dict[str, Any]:
    """The JSON object of one picture of `width` x `height` pixels.

    `keypoints` of the first person, empty where nobody is; `people`: everyone; `size`. A keypoint: id (landmark index),
    name, x and y in [0, 1] of the picture from its top left, z scaled like x, visibility. A person: id, score, and by
    `fields` keypoints (`image`), `world` (the same names in metres, on the axes of the wire) and `angles` (degrees by
    name, None where one can't be told). `landmarks`: indices of those that are told, in that order.
    """
    found = []
    for number, person in enumerate(people, 1):
        entry: dict[str, Any] = {"id": number, "score": round(person.score, 4)}
        if "image" in fields:
            entry["keypoints"] = _keypoints(person.image, landmarks)
        if "world" in fields:
            entry["world"] = _keypoints(person.world, landmarks)
        if "angles" in fields:
            degrees = joint_angles(person.world).astype(np.float64).round(2).tolist()
            entry["angles"] = {name: None if x != x else x for name, x in zip(ANGLES, degrees, strict=True)}
        found.append(entry)
    first = _keypoints(people[0].image, landmarks) if people else []
    return {"keypoints": first, "people": found, "size": [width, height]}


def _keypoints(points: Landmarks, landmarks: Sequence[int]) -> list[dict[str, Any]]:
    rows = points.astype(np.float64).round(JSON_DECIMALS).tolist()
    return [
        dict(zip(("id", "name", "x", "y", "z", "visibility"), (index, LANDMARKS[index], *rows[index]), strict=True))
        for index in landmarks
    ]
