"""NPZ: all that a take has, as arrays for numpy, with what they mean in `metadata` (JSON).

Each person's arrays are called person_ID/NAME: what Motion documents, `frame` and `t_s` beside it, and `stage`, the
landmarks on the stage. In a gap numbers are NaN and `seen` is false.
"""

import io
import json
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import ANGLES, BONES, LANDMARKS, PARENTS
from streamer import __version__
from streamer.export.performance import Files, Format, Performance

ARRAYS: Final = (
    *("seen", "score", "image", "world", "image_raw", "world_raw"),
    *("bones", "root", "rest", "floor", "contact", "angles"),
)


def _files(performance: Performance, path: Path) -> Files:
    return {path: lambda: [_write(performance)]}


FORMAT: Final = Format(".npz", one_person=False, needs_body=False, gaps="NaN", files=_files)


def _write(performance: Performance) -> bytes:
    timeline = performance.timeline
    metadata = {
        "format": 1,
        "generator": f"posewire {__version__}",
        "stream": performance.stream,
        "size_px": list(performance.size),
        "fps": timeline.fps,
        "frames": timeline.count,
        "start_us": timeline.start_us,
        "people": [motion.id for motion in performance.motions],
        "landmarks": LANDMARKS,
        "bones": BONES,
        "parents": PARENTS,
        "angles": ANGLES,
        "axes": "right-handed, +X the picture's right, +Y up, +Z toward the camera; metres, quaternions x, y, z, w",
        "stage_origin": [performance.stage.x, performance.stage.z],
    }
    arrays: dict[str, NDArray[np.generic]] = {"metadata": np.array(json.dumps(metadata))}
    for motion in performance.motions:
        own = {name: value for name in ARRAYS if (value := getattr(motion, name)) is not None}
        own |= {"frame": motion.frames, "t_s": motion.t_s}
        own["stage"] = performance.stage.markers(motion).astype(np.float32)
        arrays |= {f"person_{motion.id}/{name}": value for name, value in own.items()}
    written = io.BytesIO()
    np.savez_compressed(written, **arrays)  # type: ignore[arg-type]  # its own options share the names
    return written.getvalue()
