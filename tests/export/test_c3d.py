from pathlib import Path

import numpy as np
import pytest

from protocol.skeleton import LANDMARKS
from streamer.export.c3d import FORMAT
from streamer.export.performance import Performance
from tests.export.test_trc import late_with_gap
from tests.takes import make_content, make_take, perform

ezc3d = pytest.importorskip("ezc3d", reason="there are no wheels of it for this machine")


def write(performance: Performance, folder: Path) -> dict:
    """What the reader that OpenSim has finds in the file."""
    [content] = make_content(FORMAT, performance).values()
    path = folder / "take.c3d"
    path.write_bytes(content)
    return ezc3d.c3d(str(path))


def test_points_are_landmarks_on_the_stage(tmp_path: Path) -> None:
    performance = perform(make_take())
    found = write(performance, tmp_path)
    markers = performance.stage.markers(performance.motions[0])
    assert np.moveaxis(found["data"]["points"][:3], 0, -1).swapaxes(0, 1) == pytest.approx(1000 * markers, abs=1e-3)
    assert (found["data"]["meta_points"]["residuals"] == 0).all()
    assert found["data"]["analogs"].size == 0


def test_names_units_axes_and_times(tmp_path: Path) -> None:
    found = write(late_with_gap(), tmp_path)
    point = found["parameters"]["POINT"]
    assert point["LABELS"]["value"] == list(LANDMARKS)
    assert point["UNITS"]["value"] == ["mm"]
    assert (point["X_SCREEN"]["value"], point["Y_SCREEN"]["value"]) == (["+X"], ["+Y"])
    assert point["RATE"]["value"] == [30]
    assert found["header"]["points"]["frame_rate"] == 30
    assert (found["header"]["points"]["first_frame"], found["header"]["points"]["last_frame"]) == (30, 119)  # from 0


def test_a_rate_that_is_no_whole_number(tmp_path: Path) -> None:
    found = write(perform(make_take(), 29.97), tmp_path)
    assert found["parameters"]["POINT"]["RATE"]["value"] == pytest.approx([29.97], rel=1e-6)
    assert found["header"]["points"]["frame_rate"] == pytest.approx(29.97, rel=1e-6)


def test_in_a_gap_points_are_invalid(tmp_path: Path) -> None:
    found = write(late_with_gap(), tmp_path)
    residuals = found["data"]["meta_points"]["residuals"][0]
    assert (residuals[:, 20:50] == -1).all()
    assert (np.delete(residuals, np.s_[20:50], axis=1) == 0).all()
    assert np.isnan(found["data"]["points"][:3, :, 20:50]).all()


def test_more_frames_than_fit_sixteen_bits(tmp_path: Path) -> None:
    count = 70_000
    move = lambda: tuple(np.repeat(part[:1], count, axis=0) for part in make_bones())  # noqa: E731
    found = write(perform(make_take(move)), tmp_path)
    assert found["data"]["points"].shape == (4, 33, count)


def make_bones() -> tuple[np.ndarray, np.ndarray]:
    track = make_take().tracks[1]
    return track.bones.astype(float), track.root.astype(float)
