import os
from pathlib import Path

import pytest

from streamer.doctor import cameras
from streamer.doctor.cameras import check_cameras, check_sources, hidden
from tests.harness import read_clip
from tests.mjpeg import MjpegServer


def test_no_camera_is_no_fault(tmp_path: Path) -> None:
    [found] = check_cameras(str(tmp_path / "video*"))
    assert (found.level, found.text) == ("note", "no camera found")


def test_a_device_file_that_is_no_camera_or_may_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "video0").touch()
    [found] = check_cameras(str(tmp_path / "video*"))
    assert (found.level, "no picture" in found.text) == ("note", True)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    [found] = check_cameras(str(tmp_path / "video*"))
    assert (found.level, found.text) == ("problem", f"{tmp_path}/video0: you may not open it")
    assert "usermod -aG" in found.todo


def test_sources_that_work_and_that_do_not(tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    with MjpegServer([picture[::4, ::4] for picture in read_clip(count=5)], fps=20) as camera:
        gone = camera.url.replace("http://", "http://joe:s3cret@")
        found = check_sources([f"cam={camera.url}", "demo", "phone=browser", str(tmp_path / "bad.mp4")])
    assert [finding.level for finding in found] == ["ok", "ok", "ok", "problem"]
    assert found[0].text.startswith(f"cam={camera.url}: 180x320, ")
    assert found[1].text == "demo: 720x1280, 60 frames a second"
    assert "/camera" in found[2].text
    assert "bad.mp4: not a video that can be decoded" in found[3].text
    found = check_sources([f"cam={gone}?key=s3cret", "no\nsuch file", "http://joe:s3cret@host:port/"])
    assert [finding.level for finding in found] == ["problem"] * 3
    assert "no video stream answers there" in found[0].text
    assert not any("s3cret" in finding.text for finding in found)
    assert all(finding.todo for finding in found)


def test_a_camera_slower_than_it_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"label": "camera 0", "width": 640, "height": 480, "fps": 30.0, "measured_fps": 14.6}
    monkeypatch.setattr(cameras, "ask", lambda *_, **__: answer)
    [found] = check_sources(["0"])
    assert (found.level, found.text) == ("note", "0: 640x480, 15 frames a second, though it promises 30")


def test_nothing_secret_is_shown() -> None:
    assert hidden("cam=rtsp://joe:pass@host:554/path?token=x") == "cam=rtsp://host:554/path"
    assert hidden("http://joe:p/ss@host/a") == "http://host/a"
    assert hidden("/dev/video0") == "/dev/video0"
