import shutil
from pathlib import Path

import pytest

from streamer.doctor.networks import check_networks
from streamer.engine import embedded
from streamer.source import video


def test_all_are_as_released() -> None:
    [found] = check_networks()
    assert (found.level, found.text.startswith("4 networks, ")) == ("ok", True)


def test_one_that_was_cut_one_that_is_missing_and_no_clip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    shutil.copytree(embedded.MODEL_FOLDER, folder)
    heavy, lite = folder / "pose_landmarks_heavy.tflite", folder / "pose_landmarks_lite.tflite"
    heavy.write_bytes(heavy.read_bytes()[:1_000_000])
    lite.unlink()
    monkeypatch.setattr(embedded, "MODEL_FOLDER", folder)
    monkeypatch.setattr(video, "DEMO_CLIP", tmp_path / "demo.mp4")
    found = check_networks()
    assert [finding.level for finding in found] == ["problem"] * 3
    assert "lite.tflite can't be read" in found[0].text
    assert found[1].text.endswith("heavy.tflite is damaged (1,000,000 bytes)")
    assert "demo.mp4 is missing" in found[2].text
    assert all("pip install" in finding.todo for finding in found)
