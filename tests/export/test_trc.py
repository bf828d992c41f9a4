import math
from pathlib import Path

import numpy as np
import pytest

from protocol.skeleton import LANDMARKS
from streamer.export.performance import Performance
from streamer.export.trc import FORMAT
from tests.export.opensim import read
from tests.takes import make_content, make_take, perform, pick, with_gap


def write(performance: Performance, path: Path = Path("take.trc")) -> str:
    [content] = make_content(FORMAT, performance, path).values()
    return content.decode()


def late_with_gap() -> Performance:
    """Somebody who is seen from the 31st frame on, and not from the 51st to the 80th."""
    take = with_gap(make_take(), 50, 80)
    track = take.tracks[1]
    take.tracks[1] = pick(track, track.t_us >= take.t_us[30])
    return perform(take)


def test_the_head_is_what_opensim_asks_for() -> None:
    lines = write(late_with_gap()).splitlines()
    assert lines[0] == "PathFileType\t4\t(X/Y/Z)\ttake.trc"
    head = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=True))
    assert head == {
        **{"DataRate": "30", "CameraRate": "30", "NumFrames": "90", "NumMarkers": "33", "Units": "m"},
        **{"OrigDataRate": "30", "OrigDataStartFrame": "31", "OrigNumFrames": "90"},
    }
    assert lines[3].split("\t")[:2] == ["Frame#", "Time"]
    assert [name for name in lines[3].split("\t")[2:] if name] == list(LANDMARKS)
    assert lines[4].split("\t")[-3:] == ["X33", "Y33", "Z33"]
    assert {line.count("\t") for line in lines[5:]} == {100}
    assert len(lines) == 5 + 90


def test_rows_are_landmarks_on_the_stage() -> None:
    performance = late_with_gap()
    rows = np.genfromtxt(write(performance).splitlines()[5:], delimiter="\t")
    assert rows[:, 0].tolist() == list(range(31, 121))
    assert rows[:, 1] == pytest.approx(np.arange(30, 120) / 30, abs=1e-6)
    markers = performance.stage.markers(performance.motions[0]).reshape(90, -1)
    assert rows[:, 2:] == pytest.approx(markers, abs=1e-6, nan_ok=True)
    assert np.isnan(rows[20:50, 2:]).all()
    assert not np.isnan(np.delete(rows, np.s_[20:50], axis=0)).any()


def test_a_rate_that_is_no_whole_number() -> None:
    lines = write(perform(make_take(), 29.97)).splitlines()
    assert lines[2].split("\t")[:3] == ["29.97", "29.97", "120"]
    times = np.genfromtxt(lines[5:], delimiter="\t")[:, 1]
    assert times == pytest.approx(np.arange(120) / 29.97, abs=1e-6)


@pytest.mark.opensim
@pytest.mark.parametrize("reader", ["opensim-trc", "pose2sim-trc"])
def test_others_read_what_was_written(reader: str, tmp_path: Path) -> None:
    performance = late_with_gap()
    (tmp_path / "take.trc").write_text(write(performance))
    found = read(reader, tmp_path / "take.trc")
    assert found["labels"] == list(LANDMARKS)
    assert found["t_s"] == pytest.approx((np.arange(30, 120) / 30).tolist(), abs=1e-6)
    markers = performance.stage.markers(performance.motions[0])
    assert np.array(found["places"]) == pytest.approx(markers, abs=1e-6, nan_ok=True)
    assert math.isnan(found["places"][20][0][0])
    if reader == "opensim-trc":
        assert (found["units"], found["rate"]) == ("m", 30)
    else:
        assert found["frames"] == list(range(31, 121))
