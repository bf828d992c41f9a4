import shutil
from pathlib import Path

import pytest

from streamer.engine import embedded
from streamer.engine.embedded import DETECTOR, landmark_network, read_network
from streamer.errors import EngineError
from streamer.settings import MODELS


def test_all_networks_are_there() -> None:
    for name in (DETECTOR, *map(landmark_network, MODELS)):
        assert read_network(name)[4:8] == b"TFL3"


def test_a_missing_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(embedded, "MODEL_FOLDER", tmp_path)
    with pytest.raises(EngineError, match=r"pose_landmarks_lite.tflite can't be read .*; reinstall posewire$"):
        read_network(landmark_network("lite"))


@pytest.mark.parametrize("damage", ["cut short", "one bit"])
def test_a_damaged_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "pose_landmarks_lite.tflite"
    shutil.copy(embedded.MODEL_FOLDER / path.name, path)
    data = bytearray(path.read_bytes())
    if damage == "cut short":
        del data[1_000_000:]
    else:
        data[1_000_000] ^= 1
    path.write_bytes(data)
    monkeypatch.setattr(embedded, "MODEL_FOLDER", tmp_path)
    with pytest.raises(EngineError, match=rf"pose_landmarks_lite.tflite is damaged .{len(data):,} bytes.; reinstall"):
        read_network(path.name)
