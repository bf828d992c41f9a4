"""TRC, the marker trajectories of OpenSim: the 33 landmarks in metres, a row a frame, tab-separated.

Axes and origin are those of the stage. In a gap the markers are NaN: OpenSim's reader drops empty cells at the end of a
row, and then refuses it. Frame numbers start at 1 with the take, times at 0.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from protocol.skeleton import LANDMARKS
from streamer.export.performance import Files, Format, Performance


def _files(performance: Performance, path: Path) -> Files:
    return {path: lambda: _write(performance, path.name)}


FORMAT: Final = Format(".trc", one_person=True, needs_body=False, gaps="NaN", files=_files)
_KEYS: Final = (
    *("DataRate", "CameraRate", "NumFrames", "NumMarkers"),
    *("Units", "OrigDataRate", "OrigDataStartFrame", "OrigNumFrames"),
)


def _write(performance: Performance, name: str) -> Iterator[bytes]:
    [motion] = performance.motions
    markers = performance.stage.markers(motion).reshape(len(motion.seen), -1)
    fps, count = f"{motion.fps:.10g}", len(markers)
    values = (fps, fps, count, len(LANDMARKS), "m", fps, motion.first + 1, count)
    axes = [f"{axis}{marker}" for marker in range(1, len(LANDMARKS) + 1) for axis in "XYZ"]
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{name}",
        "\t".join(_KEYS),
        "\t".join(map(str, values)),
        "\t".join(["Frame#", "Time", *(f"{landmark}\t\t" for landmark in LANDMARKS)]),
        "\t".join(["", "", *axes]),
    ]
    yield ("\n".join(lines) + "\n").encode()
    row = "\t".join(["%d", "%.6f", *["%.6f"] * len(axes)]) + "\n"
    for frame, t_s, place in zip((motion.frames + 1).tolist(), motion.t_s.tolist(), markers, strict=True):
        yield (row % (frame, t_s, *place.tolist())).replace("nan", "NaN").encode()
