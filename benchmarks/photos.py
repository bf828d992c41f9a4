"""Pictures over HTTP: what they cost the live stream, and how fast they are answered beside a plain Flask service.

    python -m benchmarks.photos [--rounds 5] [--seconds 8] [--model full]          (pip install flask)

**Beside a stream**: `posewire serve` on the embedded clip, one subscriber. By turns it streams alone, and while batches
of pictures are looked at without a pause. Frames a second as received, and the age of a frame (capture to decoded).

**Against Flask**: the service that one writes in an afternoon: a Flask app that decodes the upload, runs MediaPipe's
landmarker in image mode and answers with the 33 keypoints; with the landmarker made for each request, as in many an
example, and with it kept. Both get the same pictures one after the other, from one client; each round both in turn, on
an otherwise idle machine (`posewire` streams next to nothing then: one picture a second). The cached answer is the same
picture asked about again.
"""

import argparse
import asyncio
import http.client
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import cv2
import numpy as np
from websockets.asyncio.client import connect

from protocol import Frame, decode
from protocol.limits import MAX_SERVER_MESSAGE_BYTES
from streamer.source.video import demo
from tests.harness import running_server
from tests.rest.http import BOUNDARY, multipart

FLASK = """
import sys
import cv2, numpy as np, mediapipe as mp
from flask import Flask, jsonify, request
from mediapipe.tasks.python import BaseOptions, vision
from streamer.engine.mediapipe import bundle
from protocol import LANDMARKS

port, kept = int(sys.argv[1]), sys.argv[2] == "kept"
asset = bundle(sys.argv[3])

def make():
    options = vision.PoseLandmarkerOptions(base_options=BaseOptions(model_asset_buffer=asset))
    return vision.PoseLandmarker.create_from_options(options)

one = make()
app = Flask(__name__)

@app.post("/detect")
def detect():
    data = np.frombuffer(request.files["image"].read(), np.uint8)
    picture = cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    image = mp.Image(mp.ImageFormat.SRGB, picture)
    if kept:
        found = one.detect(image)
    else:
        with make() as landmarker:
            found = landmarker.detect(image)
    people = found.pose_landmarks
    return jsonify(keypoints=[
        {"id": i, "name": LANDMARKS[i], "x": p.x, "y": p.y, "z": p.z, "visibility": p.visibility}
        for i, p in enumerate(people[0] if people else [])
    ])

import logging
logging.getLogger("werkzeug").setLevel(logging.ERROR)
app.run("127.0.0.1", port, threaded=True)
"""


def pictures(count: int, width: int) -> list[bytes]:
    """Different JPEG files of the clip's frames, `width` pixels wide."""
    source = demo()
    source.open()
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    files = []
    for n in range(count):
        frame = np.roll(frames[n % len(frames)], n // len(frames), axis=1)
        frame = cv2.resize(frame, (width, width * frame.shape[0] // frame.shape[1]))
        files.append(cv2.imencode(".jpg", frame[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes())
    return files


class Poster:
    """One client on a connection that stays open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def post(self, path: str, *files: tuple[str, str, bytes]) -> bytes:
        kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        self._connection.request("POST", path, multipart(*files), kind)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:200]!r}")
        return body


async def watch(url: str, seconds: float) -> tuple[float, float, float]:
    """Frames a second, median and p99 age in ms."""
    ages = []
    async with connect(url + "?subscribe=*", compression=None, proxy=None) as client:
        start = time.monotonic()
        async for data in client:
            message = decode(data, max_bytes=MAX_SERVER_MESSAGE_BYTES)
            now = time.monotonic()
            if isinstance(message, Frame) and now - start > 1:
                ages.append((now * 1e6 - message.t_us) / 1000)
            if now - start > seconds + 1:
                break
    return len(ages) / seconds, statistics.median(ages), float(np.percentile(ages, 99))


def beside_a_stream(rounds: int, seconds: float, model: str) -> None:
    files = pictures(600, 720)
    rows: dict[bool, list[tuple[float, float, float]]] = {False: [], True: []}
    done = 0
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder), "--model", model) as server:
        Poster(server.port).post(f"/detect?model={model}", ("image", "a.jpg", files[0]))
        for n in range(rounds):
            for busy in (False, True):
                ending = threading.Event()

                def batch(ending: threading.Event = ending, n: int = n) -> None:
                    nonlocal done
                    poster = Poster(server.port)
                    while not ending.is_set():
                        salt = f"{n}{time.monotonic_ns()}".encode()
                        some = [("images", "a.jpg", data + salt) for data in files[:20]]
                        done += len(poster.post(f"/batch_detect?model={model}", *some).splitlines())

                worker = threading.Thread(target=batch)
                if busy:
                    worker.start()
                rows[busy].append(asyncio.run(watch(server.ws, seconds)))
                ending.set()
                if busy:
                    worker.join()
    quiet, loaded = (np.median(np.array(rows[busy]), axis=0) for busy in (False, True))
    ratios = np.median(np.array(rows[True]) / np.array(rows[False]), axis=0)
    print("| | fps | age p50 ms | age p99 ms |\n|---|---:|---:|---:|")
    print(f"| stream alone | {quiet[0]:.1f} | {quiet[1]:.1f} | {quiet[2]:.1f} |")
    print(f"| while a batch is looked at | {loaded[0]:.1f} | {loaded[1]:.1f} | {loaded[2]:.1f} |")
    print(f"| ratio, median of rounds | {ratios[0]:.3f} | {ratios[1]:.3f} | {ratios[2]:.3f} |")
    print(f"\n{done / (rounds * (seconds + 1)):.1f} pictures a second meanwhile\n")


def against_flask(rounds: int, seconds: float, model: str, width: int) -> None:
    files = pictures(40, width)
    rates: dict[str, list[float]] = {"flask, made": [], "flask, kept": [], "posewire": [], "posewire, cached": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "still").mkdir()
        cv2.imwrite(str(folder / "still" / "grey.png"), np.full((64, 64, 3), 99, np.uint8))
        with running_server(folder, "--source", str(folder / "still"), "--fps", "1", "--model", "lite") as server:
            flasks = {}
            for kind, port in (("made", server.port + 1), ("kept", server.port + 2)):
                command = [sys.executable, "-c", FLASK, str(port), kind, model]
                flasks[kind] = (subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL), port)
            try:
                ports = {f"flask, {kind}": port for kind, (_, port) in flasks.items()}
                for port in ports.values():
                    wait_for(port)
                for n in range(rounds):
                    for service in rates:
                        poster = Poster(ports.get(service, server.port))
                        path = "/detect" if service in ports else f"/detect?model={model}"
                        poster.post(path, ("image", "a.jpg", files[0]))
                        start, count = time.monotonic(), 0
                        while time.monotonic() - start < seconds:
                            salt = b"" if service == "posewire, cached" else f"{n}.{count}".encode()
                            poster.post(path, ("image", "a.jpg", files[0 if not salt else count % 40] + salt))
                            count += 1
                        rates[service].append(count / (time.monotonic() - start))
            finally:
                for process, _ in flasks.values():
                    process.kill()
                    process.wait()
    print(f"| pictures {width} pixels wide | pictures/s | of Flask with the landmarker kept | of one made each time |")
    print("|---|---:|---:|---:|")
    for service, values in rates.items():
        to = [
            statistics.median(a / b for a, b in zip(values, rates[f"flask, {kind}"], strict=True))
            for kind in ("kept", "made")
        ]
        print(f"| {service} | {statistics.median(values):.1f} | {to[0]:.2f} | {to[1]:.2f} |")
    print()


def wait_for(port: int) -> None:
    """Until something listens there."""
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"nothing listens on port {port}; is Flask installed?")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--model", default="full")
    options = parser.parse_args()
    beside_a_stream(options.rounds, options.seconds, options.model)
    for width in (720, 3000):
        against_flask(options.rounds, options.seconds, options.model, width)


if __name__ == "__main__":
    main()
