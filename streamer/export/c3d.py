"""C3D, the format of motion laboratories: the 33 landmarks as points in millimetres, written by the `c3d` package.

Axes and origin are those of the stage (POINT:X_SCREEN +X, Y_SCREEN +Y). In a gap points are invalid, which C3D says by
a residual of -1. The first frame's number is that in the take, from 1.
"""

import io
import warnings
from pathlib import Path
from typing import Final

import c3d
import numpy as np

from protocol.skeleton import LANDMARKS
from streamer.export.performance import Files, Format, Performance

MM_PER_M: Final = 1000.0
_FLOATS: Final = -1.0
"""A negative scale says that points are stored as float32."""


def _files(performance: Performance, path: Path) -> Files:
    return {path: lambda: [_write(performance)]}


FORMAT: Final = Format(".c3d", one_person=True, needs_body=False, gaps="points marked invalid", files=_files)


def _write(performance: Performance) -> bytes:
    [motion] = performance.motions
    points = np.zeros((len(motion.seen), len(LANDMARKS), 5))  # x, y, z, residual, cameras that saw it
    points[..., :3] = performance.stage.markers(motion) * MM_PER_M
    points[~motion.seen] = [0.0, 0.0, 0.0, -1.0, 0.0]
    writer = c3d.Writer(point_rate=motion.fps, point_scale=_FLOATS, point_units="mm")
    writer.set_point_labels(LANDMARKS)
    writer.set_screen_axis("+X", "+Y")
    writer.set_start_frame(motion.first + 1)
    no_analog = np.zeros((0, 1))
    writer.add_frames([(frame, no_analog) for frame in points])
    written = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "No analog data found")
        writer.write(written)
    return written.getvalue()
