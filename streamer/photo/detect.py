"""`posewire detect`: the poses in pictures, as JSON and drawn."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2

from streamer.engine.base import Engine
from streamer.errors import PosewireError, UsageError
from streamer.photo.drawing import draw
from streamer.photo.report import report
from streamer.source.base import Image
from streamer.source.images import load_image


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
        results.append(report(people, picture.shape[1], picture.shape[0]))
        if draw_path is not None:
            draw(picture, people)
            _write_picture(draw_path / f"{path.stem}.png" if draw_path.is_dir() else draw_path, picture)
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
