"""A camera that dies and comes back, seen by a subscriber; an engine that fails, likewise."""

import time
from pathlib import Path

from tests.harness import raw_client, read_clip, receive_type, run_posewire, running_server
from tests.mjpeg import MjpegServer


def test_a_network_camera_dies_and_returns_while_another_stream_goes_on(tmp_path: Path) -> None:
    pictures = [picture[::2, ::2] for picture in read_clip(count=30)]
    with MjpegServer(pictures, fps=20) as camera:
        arguments = ["--source", f"cam={camera.url}", "--source", "demo", "--model", "lite"]
        with (
            running_server(tmp_path, *arguments) as server,
            raw_client(server, "?subscribe=cam") as client,
            raw_client(server, "?subscribe=demo") as other,
        ):
            assert receive_type(client, "frame")["size"] == [360, 640]
            for fault, mend in ((camera.gone, camera.back), (camera.stall, camera.flow)):
                broken = time.monotonic()
                fault()
                status = receive_type(client, "status")
                assert (status["stream"], status["state"]) == ("cam", "lost")
                assert status["detail"]
                assert time.monotonic() - broken < 2
                receive_type(other, "frame")
                with raw_client(server, "?subscribe=*") as late:
                    assert receive_type(late, "status")["state"] == "lost"
                code, health = run_python_get(server.url + "healthz")
                assert (code, health["status"]) == (503, "degraded")
                assert health["streams"] == {"cam": "lost", "demo": "live"}
                mend()
                assert receive_type(client, "status")["state"] == "live"
                last = receive_type(client, "frame")["seq"]
                assert receive_type(client, "frame")["seq"] > last
            assert run_python_get(server.url + "healthz")[0] == 200
            assert "WARNING stream cam: lost" in server.log
            assert server.process.poll() is None


def test_an_engine_that_fails_is_replaced(tmp_path: Path) -> None:
    """The real server with an engine that fails now and then, as native code may."""
    (tmp_path / "sitecustomize.py").write_text(
        "import streamer.engine_mediapipe as m\n"
        "real, count = m.MediaPipeEngine.estimate, [0]\n"
        "def estimate(self, image, media_us):\n"
        "    count[0] += 1\n"
        "    if count[0] == 20:\n"
        "        raise RuntimeError('inference broke')\n"
        "    return real(self, image, media_us)\n"
        "m.MediaPipeEngine.estimate = estimate\n"
    )
    root = Path(__file__).parents[2]
    env = {"PYTHONPATH": f"{tmp_path}:{root}:{root / 'clients' / 'python'}"}
    with running_server(tmp_path, "--model", "lite", "--engine", "mediapipe", env=env) as server:
        with raw_client(server, "?subscribe=*") as client:
            status = receive_type(client, "status")
            assert (status["state"], status["detail"]) == ("lost", "engine: inference broke")
            assert receive_type(client, "status")["state"] == "live"
            receive_type(client, "frame")


def test_watch_survives_a_restart_of_the_server(tmp_path: Path) -> None:
    import json
    import subprocess
    import sys

    with running_server(tmp_path, "--model", "lite") as first:
        port = first.port
        watch = subprocess.Popen(
            [sys.executable, "-m", "streamer", "watch", first.url, "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert watch.stdout is not None
            while json.loads(watch.stdout.readline())["frames"] < 10:
                pass
            assert first.stop() == 0
            while json.loads(watch.stdout.readline())["state"] != "lost":
                pass
            with running_server(tmp_path, "--model", "lite", port=port):
                before = json.loads(watch.stdout.readline())["frames"]
                while (report := json.loads(watch.stdout.readline()))["frames"] <= before + 10:
                    pass
                assert report["state"] == "live"
        finally:
            watch.kill()
            watch.communicate()


def test_watch_says_where_no_server_is(tmp_path: Path) -> None:
    done = run_posewire("watch", "ws://127.0.0.1:9/", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("posewire: no Posewire server at ws://127.0.0.1:9/")
    assert len(done.stderr.splitlines()) == 1
    wrong = run_posewire("watch", "ftp://somewhere", cwd=tmp_path)
    assert wrong.returncode == 2


def run_python_get(url: str) -> tuple[int, dict]:
    import json
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
