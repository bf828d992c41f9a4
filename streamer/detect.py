"""`posewire detect`: the poses in pictures, as JSON and drawn."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from protocol.limits import JSON_DECIMALS
from protocol.skeleton import EDGES, LANDMARKS
from streamer.engine import Detection, Engine, Landmarks
from streamer.errors import PosewireError, UsageError
from streamer.source.base import Image
from streamer.source.images import load_image

RED, WHITE = (255, 40, 40), (255, 255, 255)
_FACE = 11  # the edges among landmarks 0 to 10 would blot out a small face


def describe(people: Sequence[Detection]) -> dict[str, Any]:
    """The JSON object of one picture: `keypoints` of the first person (empty where nobody is) and all `people`.

    A keypoint: id (landmark index), name, x and y in [0, 1] of the picture from its top left, z scaled like x,
    visibility. Of each person also `world`: the same names in metres, on the axes of the wire.
    """
    found = [
        {
            "id": number,
            "score": round(person.score, 4),
            "keypoints": _keypoints(person.image),
            "world": _keypoints(person.world),
        }
        for number, person in enumerate(people, 1)
    ]
    return {"keypoints": found[0]["keypoints"] if found else [], "people": found}


def _keypoints(landmarks: Landmarks) -> list[dict[str, Any]]:
    rows = landmarks.astype(np.float64).round(JSON_DECIMALS).tolist()
    return [
        {"id": index, "name": name, "x": x, "y": y, "z": z, "visibility": visibility}
        for index, (name, (x, y, z, visibility)) in enumerate(zip(LANDMARKS, rows, strict=True))
    ]


def draw(picture: Image, people: Sequence[Detection]) -> Image:
    """A copy of an RGB picture with the skeletons on it: white lines, red points, dim where little is visible."""
    height, width = picture.shape[:2]
    thickness = max(2, round(min(height, width) / 250))
    canvas: Image = picture.copy()
    for person in people:
        points = np.round(person.image[:, :2] * (width, height)).astype(int).tolist()
        for a, b in EDGES:
            if a >= _FACE or b >= _FACE:
                shown = float(min(person.image[a, 3], person.image[b, 3]))
                layer = canvas.copy()
                cv2.line(layer, points[a], points[b], WHITE, thickness, cv2.LINE_AA)
                cv2.addWeighted(layer, _opacity(shown), canvas, 1 - _opacity(shown), 0, canvas)
        for point, visibility in zip(points, person.image[:, 3], strict=True):
            layer = canvas.copy()
            cv2.circle(layer, point, round(1.6 * thickness), RED, cv2.FILLED, cv2.LINE_AA)
            cv2.addWeighted(layer, _opacity(float(visibility)), canvas, 1 - _opacity(float(visibility)), 0, canvas)
    return canvas


def _opacity(visibility: float) -> float:
    return 0.25 + 0.75 * min(max(visibility, 0.0), 1.0)


def detect(paths: Sequence[Path], engine: Engine, json_path: str | None, draw_path: Path | None) -> int:
    """Look at each picture and write what was asked for; `-` as JSON file is standard output.

    Raises UsageError for a picture that can't be used or an output that doesn't fit, PosewireError where writing fails.
    """
    if draw_path is not None and len(paths) > 1 and not draw_path.is_dir():
        raise UsageError(f"--draw {draw_path} has to be a folder where there are several pictures")
    results = []
    for path in paths:
        picture = load_image(path)
        people = engine.estimate(picture, 0)
        results.append(describe(people))
        if draw_path is not None:
            _write_picture(draw_path / f"{path.stem}.png" if draw_path.is_dir() else draw_path, draw(picture, people))
        if json_path != "-":
            print(f"{path}: {len(people)} {'person' if len(people) == 1 else 'people'}")
    if json_path is not None:
        text = json.dumps(results[0] if len(paths) == 1 else results, indent=2) + "\n"
        if json_path == "-":
            sys.stdout.write(text)
        else:
            try:
                Path(json_path).write_text(text, encoding="utf-8")
            except OSError as error:
                raise PosewireError(f"can't write {json_path}: {error.strerror}") from None
    return 0


def _write_picture(path: Path, picture: Image) -> None:
    try:
        written = cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    except cv2.error:
        raise UsageError(
            f"can't write a picture as {path.suffix or 'a file without an ending'!r}; .png or .jpg"
        ) from None
    if not written:
        raise PosewireError(f"can't write {path}")
