"""CSV in tidy form, for R, pandas and spreadsheets: one file of landmarks, one of bones and one of angles.

`frame` counts from 0 with the take, `t_s` is seconds from its first frame. A gap has no rows; an angle that can't be
told is an empty cell.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from protocol.skeleton import ANGLES, BONES, LANDMARKS
from streamer.export.performance import Files, Format, Performance
from streamer.export.resample import Motion
from streamer.solver.quaternion import Array

LANDMARK_COLUMNS: Final = (
    *("frame", "t_s", "person", "landmark", "visibility"),
    *("x_px", "y_px", "world_x_m", "world_y_m", "world_z_m", "stage_x_m", "stage_y_m", "stage_z_m"),
)
BONE_COLUMNS: Final = (
    *("frame", "t_s", "person", "bone"),
    *("stage_x_m", "stage_y_m", "stage_z_m", "qx", "qy", "qz", "qw"),
)
ANGLE_COLUMNS: Final = ("frame", "t_s", "person", *(f"{angle}_deg" for angle in ANGLES))


def _files(performance: Performance, path: Path) -> Files:
    files: Files = {path: lambda: _landmarks(performance)}
    if any(motion.bones is not None for motion in performance.motions):
        files[path.with_name(f"{path.stem}_bones{path.suffix}")] = lambda: _bones(performance)
    if any(motion.angles is not None for motion in performance.motions):
        files[path.with_name(f"{path.stem}_angles{path.suffix}")] = lambda: _angles(performance)
    return files


FORMAT: Final = Format(".csv", one_person=False, needs_body=False, gaps="no rows", files=_files)


def _landmarks(performance: Performance) -> Iterator[bytes]:
    yield _line(",".join(LANDMARK_COLUMNS))
    for motion in performance.motions:
        pixels = motion.image[..., :2] * np.array(performance.size, np.float64)
        visibility = motion.world[..., 3:]
        stage = performance.stage.markers(motion)
        values = np.concatenate([visibility, pixels, motion.world[..., :3], stage], axis=-1)
        yield from _rows(motion, LANDMARKS, values, "%.4f,%.2f,%.2f" + ",%.5f" * 6)


def _bones(performance: Performance) -> Iterator[bytes]:
    yield _line(",".join(BONE_COLUMNS))
    for motion in performance.motions:
        if motion.bones is not None:
            values = np.concatenate([performance.stage.joints(motion), motion.bones], axis=-1)
            yield from _rows(motion, BONES, values, "%.5f,%.5f,%.5f" + ",%.6f" * 4)


def _angles(performance: Performance) -> Iterator[bytes]:
    yield _line(",".join(ANGLE_COLUMNS))
    row = ",".join(["%s", *["%.2f"] * len(ANGLES)])
    for motion in performance.motions:
        if motion.angles is not None:
            for moment, numbers in _seen(motion, motion.angles.astype(np.float64)):
                yield _line((row % (moment, *numbers)).replace("nan", ""))


def _rows(motion: Motion, names: tuple[str, ...], values: Array, numbers: str) -> Iterator[bytes]:
    """A row a sample and name, a sample at a time; values: (K, len(names), C), numbers: how each C is written."""
    sample = "\n".join(f"%s,{name},{numbers}" for name in names)
    for moment, table in _seen(motion, values):
        yield _line(sample % tuple(cell for row in table for cell in (moment, *row)))


def _seen(motion: Motion, values: Array) -> Iterator[tuple[str, list[Any]]]:
    """Frame, time and person as cells, and the values, of each sample in which the person is seen."""
    for index in np.flatnonzero(motion.seen):
        frame = motion.first + int(index)
        yield f"{frame},{frame / motion.fps:.6f},{motion.id}", values[index].tolist()


def _line(text: str) -> bytes:
    return f"{text}\n".encode()
