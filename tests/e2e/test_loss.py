"""A camera that dies and comes back, seen by a subscriber; an engine that fails, likewise."""

import time
from pathlib import Path

from tests.harness import raw_client, read_clip, receive, receive_type, run_posewire, running_server
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


def faulty_engine(folder: Path, fault: str) -> dict[str, str]:
    """The environment of a server whose engine has a fault at its 20th frame, as native code may."""
    (folder / "sitecustomize.py").write_text(
        "import threading\n"
        "import streamer.engine.mediapipe as m\n"
        "real, count = m.MediaPipeEngine.estimate, [0]\n"
        "def estimate(self, image, media_us):\n"
        "    count[0] += 1\n"
        "    if count[0] == 20:\n"
        f"        {fault}\n"
        "    return real(self, image, media_us)\n"
        "m.MediaPipeEngine.estimate = estimate\n"
    )
    root = Path(__file__).parents[2]
    return {"PYTHONPATH": f"{folder}:{root}:{root / 'clients' / 'python'}"}


def test_an_engine_that_fails_is_replaced(tmp_path: Path) -> None:
    env = faulty_engine(tmp_path, "raise RuntimeError('inference broke')")
    with running_server(tmp_path, "--model", "lite", "--engine", "mediapipe", env=env) as server:
        with raw_client(server, "?subscribe=*") as client:
            status = receive_type(client, "status")
            assert (status["state"], status["detail"]) == ("lost", "engine: inference broke")
            assert receive_type(client, "status")["state"] == "live"
            receive_type(client, "frame")


def test_an_engine_that_hangs_is_replaced_and_left_behind(tmp_path: Path) -> None:
    env = faulty_engine(tmp_path, "threading.Event().wait()")
    with running_server(tmp_path, "--model", "lite", "--engine", "mediapipe", env=env) as server:
        with raw_client(server, "?subscribe=*") as client:
            seq, ids, status = 0, set(), {}
            while not status:
                message = receive(client, 30)
                if message["type"] == "frame":
                    seq, ids = message["seq"], ids | {pose["id"] for pose in message["poses"]}
                elif message["type"] == "status":
                    status = message
            assert (status["state"], status["detail"]) == ("lost", "engine: no answer for 10 s")
            assert run_python_get(server.url + "healthz")[1]["streams"] == {"demo": "lost"}
            assert receive_type(client, "status", 30)["state"] == "live"
            after = receive_type(client, "frame")
            assert seq == 19
            assert after["seq"] == seq + 1
            assert ids.isdisjoint(pose["id"] for pose in after["poses"])  # after 10 s nobody can say who is who
        assert "ERROR stream demo: engine: no answer for 10 s (it is tried again with a new engine)" in server.log
        asked = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - asked < 2


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
