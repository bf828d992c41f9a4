"""The main job, from outside: a real server on real video, real clients over real sockets."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgpack
import numpy as np
import pytest
from websockets.sync.client import connect

from tests.harness import (
    ServerProcess,
    raw_client,
    read_clip,
    receive,
    receive_type,
    run_posewire,
    running_server,
    write_clip,
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory):
    with running_server(tmp_path_factory.mktemp("demo")) as server:
        yield server


def body_of(frame: dict) -> np.ndarray:
    return np.frombuffer(frame["poses"][0]["world"], "<f4").reshape(-1, 4)


def test_hello_tells_the_stream_and_the_skeleton(demo: ServerProcess) -> None:
    with connect(demo.ws) as socket:
        hello = receive(socket)
    assert hello["version"] == 1
    (stream,) = hello["streams"]
    assert (stream["id"], stream["width"], stream["height"], stream["fps"]) == ("demo", 720, 1280, 60)
    assert stream["engine"] in ("openvino", "openvino-bf16")  # as the processor allows
    assert (stream["model"], stream["state"]) == ("full", "live")
    assert len(hello["skeleton"]["landmarks"]) == 33
    assert abs(hello["now_us"] - time.monotonic_ns() // 1000) < 10_000_000  # the same clock on the same machine


def test_a_body_moves_in_the_stream(demo: ServerProcess) -> None:
    """Rotations, root and angles of the embedded clip, checked by what its landmarks say at the same moment."""
    with connect(demo.ws) as socket:
        hello = receive(socket)
    bones = hello["bones"]
    names, parents = bones["names"], bones["parents"]
    elbow, knee = hello["angles"].index("left_elbow_flexion"), hello["angles"].index("right_knee_flexion")
    rotations, errors = [], []
    with raw_client(demo, "?subscribe=demo&fields=world,bones,rest,angles") as socket:
        for _ in range(120):  # the whole clip and more
            frame = receive_type(socket, "frame")
            for pose in frame["poses"]:
                turns = np.frombuffer(pose["bones"], "<f4").reshape(len(names), 4)
                np.testing.assert_allclose(np.linalg.norm(turns, axis=1), 1, atol=1e-5)
                rotations.append(turns)
                x, y, z = np.frombuffer(pose["root"], "<f4")
                assert -6 < z < -2  # the person is some metres from the camera, a little above its axis
                assert abs(x) < 1 > abs(y)
                assert -1.5 < pose["floor"] < y
                assert pose["contact"] in ([False, False], [True, False], [False, True], [True, True])
                assert all(0 <= bone < len(names) for bone in pose["held"])
                rest = np.frombuffer(pose["rest"], "<f4").reshape(-1, 3)
                np.testing.assert_allclose(rest[names.index("leftHand")], -rest[names.index("rightHand")] * [1, -1, -1])
                world = body_of(frame)[:, :3]
                angles = np.frombuffer(pose["angles"], "<f4")
                errors.append([angles[elbow] - bend(world[[11, 13, 15]]), angles[knee] - bend(world[[24, 26, 28]])])
    assert len(rotations) > 50
    assert parents[0] == -1
    moved = np.ptp(np.array(rotations), axis=0).max(axis=1)
    assert moved[[names.index(bone) for bone in ("hips", "leftUpperArm", "rightUpperLeg", "head")]].min() > 0.05
    assert np.nanmax(np.abs(errors)) < 0.1


def bend(points: np.ndarray) -> float:
    """Degrees by which the way over three points turns at the second."""
    one, other = points[1] - points[0], points[2] - points[1]
    return float(np.degrees(np.arccos(one @ other / np.linalg.norm(one) / np.linalg.norm(other))))


def test_a_person_stands_in_the_stream(demo: ServerProcess) -> None:
    """Keypoints of the embedded clip: one person, upright, seen from the front, of human size."""
    with raw_client(demo, "?subscribe=demo") as socket:
        frames = [receive_type(socket, "frame") for _ in range(100)]  # the whole clip at least
    assert all(frame["size"] == [720, 1280] for frame in frames)
    with_one = [frame for frame in frames if len(frame["poses"]) == 1]
    assert len(with_one) >= 95
    # The model now and then takes a kicking person's front for the back; mostly, facing us, the left is on the right.
    facing = [frame for frame in with_one if body_of(frame)[23, 0] > body_of(frame)[24, 0]]
    assert len(facing) > len(with_one) / 2
    body = np.mean([body_of(frame) for frame in facing], axis=0)
    left_shoulder, right_shoulder, left_hip, right_hip = body[[11, 12, 23, 24], :3]
    assert body[0, 1] > body[11, 1] > body[23, 1] > body[27, 1]  # nose over shoulder over hip over ankle: +Y is up
    np.testing.assert_allclose((left_hip + right_hip) / 2, 0, atol=0.05)
    assert 0.1 < np.linalg.norm(left_shoulder - right_shoulder) < 0.6
    picture = np.frombuffer(with_one[0]["poses"][0]["image"], "<f4").reshape(-1, 4)
    assert ((picture[:, :2] > -0.2) & (picture[:, :2] < 1.2)).all()
    assert picture[0, 1] < picture[27, 1]  # y runs down
    assert {frame["poses"][0]["id"] for frame in with_one} == {with_one[0]["poses"][0]["id"]}


def test_the_skeleton_moves_in_step_with_time(demo: ServerProcess) -> None:
    with raw_client(demo, "?subscribe=demo&fields=world") as socket:
        frames = [receive_type(socket, "frame") for _ in range(60)]
    seqs = [frame["seq"] for frame in frames]
    times = [frame["t_us"] for frame in frames]
    assert seqs == sorted(set(seqs))
    assert times == sorted(set(times))
    assert all(frame["t_us"] <= frame["sent_us"] for frame in frames)
    assert np.ptp([body_of(frame)[15, :3] for frame in frames if frame["poses"]], axis=0).max() > 0.02
    assert set(frames[0]["poses"][0]) == {"id", "score", "world"}


def test_everything_a_client_may_say(demo: ServerProcess) -> None:
    with raw_client(demo) as socket:
        ask = lambda **message: socket.send(msgpack.packb(message))  # noqa: E731
        ask(type="subscribe", id=1, stream="demo", fields=["image"], landmarks="coco17", max_fps=10, dtype="f16")
        subscribed = receive_type(socket, "subscribed")
        assert subscribed["landmarks"][:3] == [0, 2, 5]
        frames = [receive_type(socket, "frame") for _ in range(5)]
        assert len(frames[-1]["poses"][0]["image"]) == 17 * 4 * 2
        assert (frames[-1]["t_us"] - frames[0]["t_us"]) / 4 > 90_000
        ask(type="subscribe", id=2, landmarks=["nose", 32], fields=["world"])
        assert receive_type(socket, "subscribed")["landmarks"] == [0, 32]
        ask(type="unsubscribe", id=1)
        ask(type="time", t0_us=42)
        answer = receive_type(socket, "time")
        assert answer["t0_us"] == 42
        assert answer["t1_us"] <= answer["t2_us"]
        assert {receive_type(socket, "frame")["id"] for _ in range(10)} == {2}


def test_json_clients_get_nested_lists(demo: ServerProcess) -> None:
    import json

    with connect(demo.ws + "?subscribe=*&fields=world&landmarks=nose", subprotocols=["posewire.v1.json"]) as socket:
        assert socket.subprotocol == "posewire.v1.json"
        while (message := json.loads(socket.recv(10)))["type"] != "frame" or not message["poses"]:
            pass
    ((_, y, _, visibility),) = message["poses"][0]["world"]
    assert 0.3 < y < 1.0
    assert 0 <= visibility <= 1


def test_the_ten_line_client_runs_as_printed(demo: ServerProcess, tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "clients" / "python" / "ten_lines.py"
    code = script.read_text()
    assert len([line for line in code.partition('"""\n\n')[2].splitlines() if line.strip()]) <= 11
    assert code.partition('"""\n\n')[2].strip() in (Path(__file__).parents[2] / "README.md").read_text()
    process = subprocess.Popen(
        [sys.executable, "-c", code.replace("127.0.0.1:8765", f"127.0.0.1:{demo.port}")],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONUNBUFFERED": "1", "PATH": "/usr/bin"},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("person 1: nose at [")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_native_noise_stays_off_the_terminal(demo: ServerProcess) -> None:
    lines = demo.log.splitlines()
    assert len(lines) == 1
    assert re.search(r"stream demo: the demo clip, 720x1280, 60 fps, openvino\S* full, smoothing one-euro", lines[0])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ends_cleanly_within_two_seconds(tmp_path: Path, number: int) -> None:
    with running_server(tmp_path) as server, raw_client(server, "?subscribe=*") as socket:
        receive_type(socket, "frame")
        start = time.monotonic()
        assert server.stop(number) == 0
        assert time.monotonic() - start < 2
        with pytest.raises(Exception, match="1001"):
            while True:
                socket.recv(5)
        assert server.process.stdout.read() == ""  # nothing on standard output but the ready line


def test_every_frame_of_a_file_in_order_at_full_pace(tmp_path: Path) -> None:
    """--pace max loses nothing between file and engine: frame numbers and media times are gapless."""
    clip = write_clip(tmp_path / "short.avi", read_clip(count=30), fps=30)
    with running_server(tmp_path, "--source", str(clip), "--pace", "max", "--model", "lite") as server:
        with raw_client(server, "?subscribe=short&landmarks=nose") as socket:
            frames = [receive_type(socket, "frame") for _ in range(70)]
    assert [frame["seq"] for frame in frames] == list(range(frames[0]["seq"], frames[0]["seq"] + 70))


def test_two_streams_in_one_process(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "wide.avi", [picture[:640] for picture in read_clip(count=20)], fps=15)
    arguments = ["--source", "demo", "--source", f"side={clip}", "--model", "lite"]
    with running_server(tmp_path, *arguments) as server, raw_client(server, "?subscribe=*") as socket:
        frames = [receive_type(socket, "frame") for _ in range(60)]
        assert {frame["stream"]: tuple(frame["size"]) for frame in frames} == {"demo": (720, 1280), "side": (720, 640)}
        socket.send(msgpack.packb({"type": "unsubscribe", "id": 0}))
        socket.send(msgpack.packb({"type": "subscribe", "id": 1, "stream": "side"}))
        receive_type(socket, "subscribed")
        assert {receive_type(socket, "frame")["stream"] for _ in range(10)} == {"side"}


def test_a_file_without_loop_ends_with_a_status(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "once.avi", read_clip(count=20), fps=10)
    with running_server(tmp_path, "--source", str(clip), "--no-loop", "--model", "lite") as server:
        with raw_client(server, "?subscribe=once") as socket:
            assert receive_type(socket, "status")["state"] == "ended"
        with raw_client(server, "?subscribe=once") as socket:
            assert [receive(socket)["type"] for _ in range(2)] == ["subscribed", "status"]


def test_mirror_and_rotate(tmp_path: Path) -> None:
    with (
        running_server(tmp_path, "--rotate", "90", "--mirror", "--model", "lite") as server,
        connect(server.ws) as socket,
    ):
        (stream,) = receive(socket)["streams"]
        assert (stream["width"], stream["height"]) == (1280, 720)


def test_token_and_its_url(tmp_path: Path) -> None:
    with running_server(tmp_path, "--token", "s3cret", "--model", "lite") as server:
        assert server.token == "s3cret"
        with raw_client(server, "?token=s3cret&subscribe=*") as socket:
            receive_type(socket, "frame")
        with raw_client(server, "?subscribe=*", additional_headers={"Authorization": "Bearer s3cret"}) as socket:
            receive_type(socket, "frame")
        for query in ("", "?token=wrong"):
            with pytest.raises(Exception, match="401"), connect(server.ws + query):
                pass
        watched = run_posewire("watch", f"{server.url}?token=s3cret", "--frames", "5", cwd=tmp_path)
        assert watched.returncode == 0, watched.stderr
        refused = run_posewire("watch", server.url, "--frames", "5", cwd=tmp_path)
        assert refused.returncode == 2
        assert "401" in refused.stderr
        assert "s3cret" not in server.log


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_watch_ends_quietly_with_its_reader(demo: ServerProcess, options: list[str]) -> None:
    """As in `posewire watch URL | head -1`."""
    watching = subprocess.Popen(
        [sys.executable, "-m", "streamer", "watch", demo.url, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert watching.stdout is not None
    assert "frames" in watching.stdout.readline()
    watching.stdout.close()
    assert watching.wait(30) == 0
    assert watching.stderr is not None
    assert watching.stderr.read() == ""
    watching.stderr.close()


def test_watch_counts_and_ends(demo: ServerProcess, tmp_path: Path) -> None:
    import json

    done = run_posewire("watch", demo.url, "--frames", "60", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["frames"] == 60
    assert report["fps"] > 5
    assert 0 < report["latency_ms"]["p50"] <= report["latency_ms"]["p95"] <= report["latency_ms"]["p99"]
    assert report["streams"] == {"demo": 60}
    interrupted = subprocess.Popen(
        [sys.executable, "-m", "streamer", "watch", demo.url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while " fps " not in interrupted.stdout.readline():
        pass
    interrupted.send_signal(signal.SIGINT)
    output, errors = interrupted.communicate(timeout=10)
    assert (interrupted.returncode, errors) == (0, "")
    assert "p99" in output.splitlines()[-1]
    plain = run_posewire("watch", demo.url, "--frames", "60", cwd=tmp_path)
    assert "60 frames" in plain.stdout
    assert "p99" in plain.stdout


def test_the_log_as_json_from_the_first_line_to_the_last(tmp_path: Path) -> None:
    import json

    arguments = ("--log-format", "json", "--model", "lite")
    with running_server(tmp_path, *arguments) as server, raw_client(server, "?subscribe=*") as socket:
        receive_type(socket, "frame")
        assert server.stop() == 0
        told = [json.loads(line) for line in server.log.splitlines()]
        assert [(one["level"], one["logger"], one["stream"]) for one in told] == [("INFO", "posewire", "demo")]
    failed = run_posewire("serve", *arguments, "--source", "no\nsuch.mp4", cwd=tmp_path)
    assert (failed.returncode, failed.stdout) == (2, "")
    [line] = failed.stderr.splitlines()
    assert "no source" in json.loads(line)["message"]
