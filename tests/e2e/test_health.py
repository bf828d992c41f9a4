"""`/healthz` tells a frozen camera from a dead engine, seen from outside, without a token."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.harness import ServerProcess, raw_client, read_clip, receive_type, running_server
from tests.mjpeg import MjpegServer

ROOT = Path(__file__).parents[2]
# What native code may do, done to the real server's engine or source from its twentieth picture on.
BREAKS = """
import time
import {module} as m
real, count = m.{kind}.{method}, [0]
def broken(self, *arguments):
    count[0] += 1
    if count[0] >= 20:
        {what}
    return real(self, *arguments)
m.{kind}.{method} = broken
"""


def health(server: ServerProcess) -> tuple[int, dict[str, Any], str]:
    try:
        with urllib.request.urlopen(server.url + "healthz", timeout=5) as answer:
            text = answer.read().decode()
            return answer.status, json.loads(text), text
    except urllib.error.HTTPError as error:
        with error:
            text = error.read().decode()
            return error.code, json.loads(text), text


def wait(server: ServerProcess, wanted: Callable[[dict[str, Any]], bool], stream: str = "cam") -> tuple[int, Any]:
    """Until the stream's details are as wanted; the status and the details."""
    until = time.monotonic() + 30
    while True:
        status, told, text = health(server)
        if wanted(told["details"][stream]):
            return status, told["details"][stream]
        assert time.monotonic() < until, text
        time.sleep(0.1)


def test_a_camera_that_stands_still_sends_garbage_or_goes_and_an_engine_that_is_well(tmp_path: Path) -> None:
    pictures = [picture[::2, ::2] for picture in read_clip(count=30)]
    with MjpegServer(pictures, fps=20) as camera:
        source = camera.url.replace("http://", "http://somebody:passw0rd@")
        arguments = ["--source", f"cam={source}", "--model", "lite", "--token", "s3cret"]
        with running_server(tmp_path, *arguments) as server:
            with raw_client(server, "?subscribe=cam&token=s3cret") as client:
                receive_type(client, "frame")
            status, well = wait(server, lambda told: told["engine"] == "working")
            assert (status, well["camera"], well["reason"]) == (200, "live", "")
            assert well["last_picture_age_ms"] < 1500
            whole = camera.jpegs
            garbage = [b"\xff\xd8 this is no picture" + bytes(2000) + b"\xff\xd9"]
            faults: list[tuple[str, Callable[[], None], Callable[[], None]]] = [
                ("frozen", camera.stall, camera.flow),
                ("gone", lambda: setattr(camera, "jpegs", garbage), lambda: setattr(camera, "jpegs", whole)),
                ("gone", camera.gone, camera.back),
            ]
            for condition, fault, mend in faults:
                fault()
                status, ill = wait(server, lambda told: told["camera"] != "live" and told["engine"] == "idle")
                assert (status, ill["camera"]) == (503, condition)
                assert ill["reason"]
                assert ill["last_picture_age_ms"] >= 900
                text = health(server)[2]
                assert not any(secret in text for secret in ("s3cret", "passw0rd", "somebody", "127.0.0.1"))
                mend()
                status, _ = wait(server, lambda told: told["camera"] == "live" and told["engine"] == "working")
                assert status == 200


@pytest.mark.parametrize(
    ("what", "engine"),
    [("raise RuntimeError('at /home/somebody')", ("failed",)), ("time.sleep(600)", ("hung", "failed"))],
)
def test_an_engine_that_is_dead_and_a_camera_that_is_well(tmp_path: Path, what: str, engine: tuple[str, ...]) -> None:
    broken = BREAKS.format(module="streamer.engine.mediapipe", kind="MediaPipeEngine", method="estimate", what=what)
    with broken_server(tmp_path, broken, "--engine", "mediapipe") as server:
        status, ill = wait(server, lambda told: told["engine"] in engine, "demo")
        assert (status, ill["camera"]) == (503, "live")
        assert ill["last_picture_age_ms"] < 1500
        assert ill["reason"]
        assert "somebody" not in ill["reason"]


def test_a_camera_whose_read_hangs(tmp_path: Path) -> None:
    broken = BREAKS.format(
        module="streamer.source.network", kind="NetworkStream", method="read", what="time.sleep(600)"
    )
    with MjpegServer([picture[::2, ::2] for picture in read_clip(count=5)], fps=20) as camera:
        with broken_server(tmp_path, broken, "--source", f"cam={camera.url}") as server:
            status, ill = wait(server, lambda told: told["camera"] != "live")
            assert (status, ill["camera"]) == (503, "frozen")
            _, ill = wait(server, lambda told: told["engine"] == "idle")
            assert ill["last_picture_age_ms"] >= 1500


def broken_server(tmp_path: Path, code: str, *arguments: str):  # type: ignore[no-untyped-def]
    (tmp_path / "sitecustomize.py").write_text(code)
    env = {"PYTHONPATH": f"{tmp_path}:{ROOT}:{ROOT / 'clients' / 'python'}"}
    return running_server(tmp_path, "--model", "lite", *arguments, env=env)
