"""Whatever a user or a client gets wrong: one clear line or message, and nothing else breaks."""

import asyncio
import json
import re
import socket
import time
from pathlib import Path

import cv2
import msgpack
import numpy as np
import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.harness import (
    DEMO_CLIP,
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
    with running_server(tmp_path_factory.mktemp("demo"), "--model", "lite", "--max-per-address", "256") as server:
        yield server
        assert "ERROR" not in server.log
        assert "Traceback" not in server.log


@pytest.fixture(autouse=True)
def still_alive(request: pytest.FixtureRequest):
    """After every attack on the shared server a plain client still gets its frames."""
    yield
    if "demo" in request.fixturenames:
        with raw_client(request.getfixturevalue("demo"), "?subscribe=demo") as watcher:
            receive_type(watcher, "frame")


def make_bad_source(kind: str, folder: Path) -> str:
    path = folder / f"{kind}.mp4"
    match kind:
        case "empty":
            path.touch()
        case "text":
            path.write_text("This is no video.\n" * 100)
        case "tiny":
            return str(write_clip(folder / "tiny.avi", [np.zeros((2, 2, 3), np.uint8)] * 5))
        case "cut":
            path.write_bytes(DEMO_CLIP.read_bytes()[:500])
        case "folder":
            (folder / "pictures").mkdir()
            (folder / "pictures" / "notes.txt").write_text("no picture")
            return str(folder / "pictures")
        case "missing":
            pass
    return str(path)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("missing", ["no source", "missing.mp4", "cameras: "]),
        ("empty", ["empty.mp4", "empty"]),
        ("text", ["text.mp4", "not a video"]),
        ("tiny", ["tiny.avi", "2x2", "32x32"]),
        ("cut", ["cut.mp4", "not a video"]),
        ("folder", ["pictures", "no picture"]),
    ],
)
def test_a_wrong_source_ends_start_up_with_one_line(tmp_path: Path, kind: str, expected: list[str]) -> None:
    done = run_posewire("serve", "--port", "0", "--source", make_bad_source(kind, tmp_path), cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    for text in expected:
        assert text in done.stderr


def test_a_one_pixel_picture_is_refused(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "one.png"), np.zeros((1, 1, 3), np.uint8))
    done = run_posewire("serve", "--port", "0", "--source", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 2
    assert "no picture that can be used" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--source", "93"], ["camera 93", "cameras: "]),
        (["--source", "http://127.0.0.1:9/x?key=s3cret"], ["stream http://127.0.0.1:9/x", "2 s"]),
        (["--people", "9"], ["'9'", "1 to 8"]),
        (["--people", "0"], ["'0'", "1 to 8"]),
        (["--port", "65536"], ["'65536'", "0 to 65535"]),
        (["--model", "huge"], ["'huge'", "lite"]),
        (["--smoothing", "magic"], ["'magic'", "one-euro"]),
        (["--rotate", "45"], ["45", "90"]),
        (["--fps", "nan"], ["'nan'", "0.1 to 1000"]),
        (["--token", ""], ["--token is empty"]),
        (["--host", "no.such.host.invalid"], ["no.such.host.invalid"]),
        (["--nonsense"], ["--nonsense"]),
        (["--source", "x" * 5000], ["no source 'xxx"]),
        (["--source", "a\nb\x1b[31m"], ["no source"]),
    ],
)
def test_a_wrong_option_ends_with_one_line(tmp_path: Path, arguments: list[str], expected: list[str]) -> None:
    done = run_posewire("serve", "--port", "0", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "\x1b" not in done.stderr
    assert "s3cret" not in done.stderr
    for text in expected:
        assert text in done.stderr


def test_a_port_in_use_is_a_failure_that_says_so(tmp_path: Path, demo: ServerProcess) -> None:
    done = run_posewire("serve", "--port", str(demo.port), cwd=tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert str(demo.port) in done.stderr
    assert "--port 0" in done.stderr


def test_a_missing_or_damaged_model_says_which(tmp_path: Path) -> None:
    """A copy of the package without one network, as a broken installation would be."""
    import shutil

    root = Path(__file__).parents[2]
    for name in ("streamer", "protocol"):
        shutil.copytree(root / name, tmp_path / "site" / name, ignore=shutil.ignore_patterns("__pycache__"))
    model = tmp_path / "site" / "streamer" / "models" / "pose_landmarks_full.tflite"
    env = {"PYTHONPATH": str(tmp_path / "site")}
    for damage in (lambda: model.write_bytes(b"not a network" * 100), model.unlink):
        damage()
        done = run_posewire("serve", "--port", "0", cwd=tmp_path, env=env)
        assert done.returncode == 1, done.stderr
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert "full" in done.stderr


def test_a_truncated_video_plays_what_there_is(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.avi", read_clip(count=30)).read_bytes()
    (tmp_path / "cut.avi").write_bytes(whole[: len(whole) // 2])
    with running_server(tmp_path, "--source", str(tmp_path / "cut.avi"), "--model", "lite") as server:
        with raw_client(server, "?subscribe=cut") as client:
            assert [receive_type(client, "frame")["seq"] for _ in range(40)]


MALFORMED = [b"", b"\xc1", b"\x00" * 1000, b"\x81", bytes(range(256)), b"\xc7\x00\x05", b"\x93\x01\x02\x03"]


@pytest.mark.parametrize("data", MALFORMED, ids=lambda data: data[:4].hex() or "nothing")
def test_bytes_that_are_no_map_get_an_error_then_1007(demo: ServerProcess, data: bytes) -> None:
    with raw_client(demo) as client:
        client.send(data)
        error = receive_type(client, "error")
        assert error["code"] == "malformed"
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(5)
        assert closed.value.rcvd.code == 1007


def test_text_on_the_binary_subprotocol_gets_an_error_then_1003(demo: ServerProcess) -> None:
    with raw_client(demo) as client:
        client.send("{}")
        assert receive_type(client, "error")["code"] == "wrong_kind"
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(5)
        assert closed.value.rcvd.code == 1003


def test_binary_on_the_json_subprotocol_gets_an_error_then_1003(demo: ServerProcess) -> None:
    with connect(demo.ws, subprotocols=["posewire.v1.json"]) as client:
        assert json.loads(client.recv(5))["type"] == "hello"
        client.send(b"\x80")
        assert json.loads(client.recv(5))["code"] == "wrong_kind"
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(5)
        assert closed.value.rcvd.code == 1003


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "dance"}, "unknown_type"),
        ({}, "bad_message"),
        ({"type": 7}, "bad_message"),
        ({"type": "subscribe"}, "bad_message"),
        ({"type": "subscribe", "id": 1, "stream": "nowhere"}, "unknown_stream"),
        ({"type": "subscribe", "id": 1, "max_fps": -5}, "bad_value"),
        ({"type": "subscribe", "id": 1, "max_fps": float("nan")}, "bad_value"),
        ({"type": "subscribe", "id": 1, "landmarks": [33]}, "unknown_landmark"),
        ({"type": "subscribe", "id": 1, "landmarks": [-1]}, "unknown_landmark"),
        ({"type": "subscribe", "id": 1, "landmarks": "tail"}, "unknown_landmark"),
        ({"type": "subscribe", "id": 1, "fields": ["smell"]}, "unknown_field"),
        ({"type": "subscribe", "id": 1, "dtype": "f64"}, "bad_value"),
        ({"type": "subscribe", "id": -1}, "bad_value"),
        ({"type": "unsubscribe", "id": 99}, "unknown_subscription"),
        ({"type": "time", "t0_us": "now"}, "bad_message"),
        ({"type": "time", "t0_us": nested(500)}, "too_deep"),
        ({"type": "hello"}, "bad_message"),
    ],
    ids=str,
)
def test_a_wrong_message_gets_an_error_and_the_connection_lives(demo: ServerProcess, message: dict, code: str) -> None:
    with raw_client(demo) as client:
        client.send(msgpack.packb(message))
        error = receive_type(client, "error")
        assert error["code"] == code
        assert error["message"].isprintable()
        client.send(msgpack.packb({"type": "time", "t0_us": 1}))
        receive_type(client, "time")


def test_nan_in_json_names_the_value(demo: ServerProcess) -> None:
    with connect(demo.ws, subprotocols=["posewire.v1.json"]) as client:
        client.recv(5)
        client.send('{"type": "subscribe", "id": 1, "max_fps": NaN}')
        error = json.loads(client.recv(5))
        assert (error["code"], "max_fps is nan" in error["message"]) == ("bad_value", True)


def test_a_message_over_64_kib_closes_with_1009(demo: ServerProcess) -> None:
    with raw_client(demo) as client:
        client.send(msgpack.packb({"type": "time", "t0_us": 1, "pad": b"x" * 65_000}))
        receive_type(client, "time")
        client.send(b"x" * 65_537)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(5)
        assert closed.value.rcvd.code == 1009


def test_ten_thousand_subscriptions(demo: ServerProcess) -> None:
    with raw_client(demo) as client:
        for id in range(10_000):
            client.send(msgpack.packb({"type": "subscribe", "id": id, "max_fps": 0.01, "landmarks": [0]}))
            if id >= 64:
                assert receive_type(client, "error")["code"] == "too_many_subscriptions"
        client.send(msgpack.packb({"type": "time", "t0_us": 1}))
        receive_type(client, "time")


def test_unknown_paths_and_subprotocols_are_refused_before_the_upgrade(demo: ServerProcess) -> None:
    with pytest.raises(Exception, match="404"), connect(demo.url.replace("http", "ws") + "nowhere"):
        pass
    with pytest.raises(Exception, match="400"), connect(demo.ws, subprotocols=["graphql-ws"]):
        pass
    with connect(demo.url.replace("http", "ws")) as client:
        assert receive(client)["type"] == "hello"


def raw_request(port: int, *headers: str, path: str = "/stream") -> str:
    """The status line that answers a hand-written upgrade request."""
    lines = [f"GET {path} HTTP/1.1", *headers, "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", ""]
    with socket.create_connection(("127.0.0.1", port), 5) as raw:
        raw.sendall("\r\n".join(lines).encode())
        return raw.recv(4096).decode("latin-1").splitlines()[0]


def test_host_and_origin_are_checked_before_the_upgrade(demo: ServerProcess) -> None:
    good = f"Host: 127.0.0.1:{demo.port}"
    assert " 101 " in raw_request(demo.port, good)
    assert " 101 " in raw_request(demo.port, f"Host: localhost:{demo.port}")
    assert " 101 " in raw_request(demo.port, good, f"Origin: http://127.0.0.1:{demo.port}")
    assert " 403 " in raw_request(demo.port, good, "Origin: http://evil.example")
    assert " 421 " in raw_request(demo.port, "Host: evil.example")
    assert " 400 " in raw_request(demo.port, good, good)
    assert " 400 " in raw_request(demo.port)


def dropped(server: ServerProcess) -> int:
    """Clients that took nothing, as the log tells: of a flood ten lines, then how many more."""
    more = re.findall(r"(\d+) more like 'client %s dropped: %s'", server.log)
    return server.log.count("took no data for 10 s") + sum(map(int, more))


def test_a_client_that_never_reads_costs_bounded_memory_and_delays_nobody(demo: ServerProcess) -> None:
    process = psutil.Process(demo.process.pid)
    with raw_client(demo, "?subscribe=demo") as watcher:
        receive_type(watcher, "frame")
        before = process.memory_info().rss
        stuck = []
        for _ in range(20):
            raw = socket.create_connection(("127.0.0.1", demo.port))
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            raw.sendall(
                f"GET /stream?subscribe=*&fields=image,world HTTP/1.1\r\nHost: 127.0.0.1:{demo.port}\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n".encode()
            )
            stuck.append(raw)
        try:
            # Their sockets' buffers fill first, the later the fewer frames there are; then ten seconds pass.
            ages, until = [], time.monotonic() + 60
            while dropped(demo) < 20 and time.monotonic() < until:
                frame = receive_type(watcher, "frame")
                ages.append(time.monotonic_ns() // 1000 - frame["sent_us"])
            assert process.memory_info().rss - before < 20 * 256 * 1024 + 8_000_000
            assert np.median(ages) < 50_000
            assert len(ages) > 10 * 5
            assert dropped(demo) == 20
        finally:
            for raw in stuck:
                raw.close()


async def test_clients_that_come_and_go_at_any_moment(demo: ServerProcess) -> None:
    from websockets.asyncio.client import connect as async_connect

    rng = np.random.default_rng(0)

    async def visit(index: int) -> None:
        client = await async_connect(demo.ws + ("?subscribe=*" if index % 2 else ""), compression=None, max_queue=None)
        for _ in range(rng.integers(0, 6)):
            id = int(rng.integers(0, 3))
            message = {"type": "subscribe", "id": id} if rng.random() < 0.7 else {"type": "unsubscribe", "id": id}
            await client.send(msgpack.packb(message))
            await asyncio.sleep(float(rng.random()) * 0.02)
        if index % 3:
            await client.close()
        else:
            client.transport.abort()
            await client.wait_closed()

    for batch in range(10):
        await asyncio.gather(*(visit(batch * 20 + index) for index in range(20)))
