"""The wheel carries all that a server needs: it runs from one, in an empty folder."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.harness import raw_client, receive_type, running_server

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What installing the wheel would put into site-packages."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT)]
    subprocess.run(command, check=True)
    (wheel,) = folder.glob("posewire-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_it_carries_what_is_shipped_and_nothing_else(site: Path) -> None:
    tops = {path.name for path in site.iterdir() if not path.name.endswith(".dist-info")}
    assert tops == {"streamer", "protocol", "posewire_client"}
    for name in (
        "streamer/models/pose_detector.tflite",
        "streamer/models/pose_landmarks_lite.tflite",
        "streamer/models/pose_landmarks_full.tflite",
        "streamer/models/pose_landmarks_heavy.tflite",
        "streamer/clips/demo.mp4",
        "streamer/web/dist/index.html",
        "streamer/web/dist/stage.js",
        "streamer/web/dist/swagger-ui-es-bundle.js",
        "protocol/SPEC.md",
        "protocol/skeleton.json",
        "protocol/vectors/index.json",
    ):
        assert (site / name).stat().st_size == (ROOT / name).stat().st_size
    assert [path.name for path in (site / "streamer" / "web").iterdir()] == ["dist"]
    (info,) = site.glob("*.dist-info")
    assert {path.name for path in (info / "licenses").iterdir()} == {"LICENSE", "THIRD_PARTY_NOTICES.md"}


def test_it_serves_from_an_empty_folder(site: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with running_server(empty, "--model", "lite", env={"PYTHONPATH": str(site)}) as server:
        maps = Path(f"/proc/{server.process.pid}/cwd").resolve() if sys.platform == "linux" else empty
        assert maps == empty
        with raw_client(server, "?subscribe=demo") as client:
            assert receive_type(client, "frame")["size"] == [720, 1280]
    assert {path.suffix for path in empty.iterdir()} == {".log"}  # the test's own
