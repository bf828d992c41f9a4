"""Pictures over HTTP to a real server: real networks, a batch beside a live stream, all that OpenAPI describes."""

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest

from protocol import LANDMARKS
from tests.harness import ServerProcess, raw_client, read_clip, receive_type, running_server
from tests.rest.http import BOUNDARY, multipart

TYPE = f"multipart/form-data; boundary={BOUNDARY}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("rest"), "--model", "lite") as running:
        yield running
        assert "Traceback" not in running.log


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return read_clip()[50]


def upload(server: ServerProcess, path: str, *files: tuple[str, str, bytes]) -> tuple[int, bytes]:
    request = urllib.request.Request(server.url + path, multipart(*files), {"Content-Type": TYPE})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_a_picture_of_each_kind(server: ServerProcess, picture: np.ndarray, suffix: str) -> None:
    data = cv2.imencode(suffix, picture)[1].tobytes()
    status, body = upload(server, "detect?model=lite", ("image", "a" + suffix, data))
    found = json.loads(body)
    assert status == 200
    assert [point["name"] for point in found["keypoints"]] == list(LANDMARKS)
    nose, ankle = found["keypoints"][0], found["keypoints"][27]
    assert 0 < nose["y"] < ankle["y"] < 1
    assert found["people"][0]["angles"]["left_knee_flexion"] is not None


def test_people_and_confidence(server: ServerProcess, picture: np.ndarray) -> None:
    two = cv2.imencode(".jpg", np.hstack([picture, picture[:, ::-1]]))[1].tobytes()
    _, body = upload(server, "detect?model=lite&people=2", ("image", "two.jpg", two))
    assert [person["id"] for person in json.loads(body)["people"]] == [1, 2]


def test_an_annotated_picture_shows_red_points(server: ServerProcess, picture: np.ndarray) -> None:
    data = cv2.imencode(".png", picture)[1].tobytes()
    _, found = upload(server, "detect?model=lite", ("image", "a.png", data))
    status, png = upload(server, "detect?model=lite&annotated=1", ("image", "a.png", data))
    drawn = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert (status, drawn.shape) == (200, picture.shape)
    hip = json.loads(found)["keypoints"][24]
    blue, green, red = drawn[round(hip["y"] * 1280), round(hip["x"] * 720)].tolist()
    assert red > 200 > 100 > max(blue, green)


def test_a_batch_leaves_the_stream_alive(server: ServerProcess, picture: np.ndarray) -> None:
    files = []
    for n in range(30):
        shifted = np.roll(picture, n, axis=1)
        files.append(("images", f"{n}.jpg", cv2.imencode(".jpg", shifted)[1].tobytes()))
    files[7] = ("images", "7.jpg", b"no picture")
    with raw_client(server, "?subscribe=demo") as watcher:
        first = receive_type(watcher, "frame")["seq"]
        status, body = upload(server, "batch_detect?model=lite&fields=angles", *files)
        last = receive_type(watcher, "frame")["seq"]
    lines = [json.loads(line) for line in body.splitlines()]
    assert status == 200
    assert sorted(line["index"] for line in lines) == list(range(30))
    failed = [line for line in lines if "error" in line]
    assert [(line["name"], line["error"]["status"]) for line in failed] == [("7.jpg", 415)]
    assert last > first


def test_limits_are_settings(tmp_path: Path, picture: np.ndarray) -> None:
    data = cv2.imencode(".jpg", picture)[1].tobytes()
    with running_server(tmp_path, "--model", "lite", "--max-picture-mp", "0.5", "--max-picture-mb", "0.5") as small:
        status, body = upload(small, "detect", ("image", "a.jpg", data))
        assert (status, json.loads(body)["detail"]) == (413, "720x1280 pixels; at most 500,000 in all")
        status, body = upload(small, "detect", ("image", "a.jpg", data + bytes(600_000)))
        assert status == 413
        assert "at most 500,000" in json.loads(body)["detail"]


def test_pictures_need_the_token(tmp_path: Path) -> None:
    with running_server(tmp_path, "--model", "lite", "--token", "secret") as guarded:
        assert upload(guarded, "detect", ("image", "a.jpg", b"x"))[0] == 401
        assert upload(guarded, "detect?token=secret", ("image", "a.jpg", b"x"))[0] == 415


def test_the_server_ends_in_time_while_pictures_are_looked_at(tmp_path: Path, picture: np.ndarray) -> None:
    data = cv2.imencode(".jpg", picture)[1].tobytes()
    with running_server(tmp_path, "--model", "lite") as running:
        outcome: list[object] = []

        def ask() -> None:
            try:
                outcome.append(upload(running, "detect?model=heavy", ("image", "a.jpg", data))[0])
            except OSError as error:
                outcome.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        limit = time.monotonic() + 20
        while not psutil.Process(running.process.pid).children() and time.monotonic() < limit:
            time.sleep(0.01)
        (worker,) = psutil.Process(running.process.pid).children()
        assert running.stop() == 0
        asking.join(20)
        assert outcome
        assert not worker.is_running()


def test_nothing_undocumented_and_no_fault(server: ServerProcess, tmp_path: Path) -> None:
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    command = [sys.executable, "-m", "schemathesis.cli", "run", server.url + "openapi.json", "--checks", checks]
    options = ["--max-examples", "25", "--seed", "1", "--no-color", "--phases", "examples,coverage,fuzzing"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=150, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "generated" in done.stdout
