"""VMC and VRChat out, from outside: a real server's packets, read by another OSC library than the sender's."""

import base64
import json
import socket
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from protocol import BONES
from streamer.output.osc import MAX_BUNDLE_BYTES
from streamer.solver.kinematics import forward
from tests.harness import raw_client, receive_type, run_posewire, running_server

READER = Path(__file__).parent / "browser" / "osc.mjs"
pytestmark = pytest.mark.browser


class Receiver:
    """A UDP socket that keeps every packet with the time it came."""

    def __init__(self) -> None:
        self.packets: list[tuple[float, bytes]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.1)
        self.port = self._socket.getsockname()[1]
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                self.packets.append((time.monotonic(), self._socket.recv(65536)))
            except TimeoutError:
                continue

    def close(self) -> None:
        self._ending.set()
        self._thread.join()
        self._socket.close()


def read(packets: list[bytes]) -> list[list[dict]]:
    """The messages of each packet: address, and arguments as [type, value]."""
    lines = b"\n".join(map(base64.b64encode, packets))
    done = subprocess.run(["node", READER], input=lines, capture_output=True, check=True, timeout=60)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory):
    """Three seconds of the demo clip: packets of both outputs, and the WebSocket's frames of the same time."""
    vmc, vrchat = Receiver(), Receiver()
    targets = ["--vmc", f"127.0.0.1:{vmc.port}", "--vrchat", f"127.0.0.1:{vrchat.port}"]
    try:
        with (
            running_server(tmp_path_factory.mktemp("osc"), "--model", "lite", *targets) as server,
            raw_client(server, "?subscribe=*&fields=bones,rest") as client,
        ):
            frames, until = [], time.monotonic() + 3
            while time.monotonic() < until:
                frames.append(receive_type(client, "frame"))
            log = server.log
    finally:
        vmc.close()
        vrchat.close()
    return vmc.packets, vrchat.packets, frames, log


def test_packets_fit_a_frame_of_the_network(session: tuple) -> None:
    for packets in session[:2]:
        assert max(len(packet) for _, packet in packets) <= MAX_BUNDLE_BYTES


def test_the_rate_is_the_streams_and_not_over_the_cap(session: tuple) -> None:
    vmc, _, frames, _ = session
    starts = [at for at, packet in vmc if b"/VMC/Ext/OK" in packet]
    rate = (len(starts) - 1) / (starts[-1] - starts[0])
    streamed = (len(frames) - 1) / ((frames[-1]["t_us"] - frames[0]["t_us"]) / 1e6)
    assert rate <= 62
    assert rate > 0.7 * min(streamed, 60)


def bones_of(packets: list[tuple[float, bytes]]) -> list[dict[str, list[float]]]:
    """For each frame, what was sent of each bone."""
    frames: list[dict[str, list[float]]] = []
    for messages in read([packet for _, packet in packets]):
        for message in messages:
            kinds, values = zip(*message["args"], strict=True)
            if message["address"] == "/VMC/Ext/OK":
                assert kinds == ("integer",) * 4
                frames.append({})
            elif message["address"] == "/VMC/Ext/Bone/Pos":
                assert kinds == ("string",) + ("float",) * 7
                frames[-1][values[0]] = list(values[1:])
            elif message["address"] == "/VMC/Ext/Root/Pos":
                assert values[0] == "root"
                frames[-1]["root"] = list(values[1:])
            else:
                assert message["address"] == "/VMC/Ext/T"
                assert kinds == ("float",)
    # The server is ended by force, perhaps between two packets of its last frame.
    return [frame for frame in frames[:-1] if frame]


def test_vmc_carries_the_bones_of_the_stream(session: tuple) -> None:
    sent = bones_of(session[0])
    names = [bone[0].upper() + bone[1:] for bone in BONES]
    for frame in sent:
        assert set(frame) == {"root", *names}
        for name in names:
            position, turn = np.array(frame[name][:3]), np.array(frame[name][3:])
            assert np.linalg.norm(turn) == pytest.approx(1, abs=1e-5)
            assert np.linalg.norm(position) > 0.01, name  # zeros would collapse an avatar
        assert 0.4 < frame["Hips"][1] < 1.3
    sent_turns = np.array([[frame[name][3:] for name in names] for frame in sent])
    matched = 0
    for streamed in session[2]:
        for pose in streamed["poses"]:
            turns = np.frombuffer(pose["bones"], "<f4").reshape(-1, 4) * [1, -1, -1, 1]
            rest = np.frombuffer(pose["rest"], "<f4").reshape(-1, 3) * [-1, 1, 1]
            # Both carry the same numbers, so the same frame's differ by nothing; either may have left a frame out.
            apart = np.abs(sent_turns - turns).max(axis=(1, 2))
            if apart.min() < 1e-6:
                matched += 1
                frame = sent[apart.argmin()]
                np.testing.assert_allclose([frame[name][:3] for name in names[1:]], rest[1:], atol=1e-6)
    assert matched > len(session[2]) / 2


def test_vrchat_gets_trackers_where_the_joints_are(session: tuple) -> None:
    frames: list[dict[str, list[float]]] = []
    for messages in read([packet for _, packet in session[1]]):
        for message in messages:
            assert [kind for kind, _ in message["args"]] == ["float"] * 3
            if message["address"] == "/tracking/trackers/1/position":
                frames.append({})
            frames[-1][message["address"].removeprefix("/tracking/trackers/")] = [value for _, value in message["args"]]
    expected = {f"{n}/{what}" for n in range(1, 9) for what in ("position", "rotation")} | {"head/position"}
    assert len(frames) > 20
    lengths = []
    for frame in frames[:-1]:  # the last may be cut, as above
        assert set(frame) == expected
        place = {name: np.array(value) for name, value in frame.items()}
        assert place["head/position"][1] > place["2/position"][1] > place["1/position"][1]
        assert min(place["3/position"][1], place["4/position"][1]) > -0.2
        lengths.append(np.linalg.norm(place["5/position"] - place["3/position"]))
    pose = session[2][-1]["poses"][0]
    rest = np.frombuffer(pose["rest"], "<f4").reshape(-1, 3).astype(float)
    bones = np.frombuffer(pose["bones"], "<f4").reshape(-1, 4).astype(float)
    places = forward(bones, np.zeros(3), rest)[0]
    shank = np.linalg.norm(places[BONES.index("leftFoot")] - places[BONES.index("leftLowerLeg")])
    assert np.median(lengths) == pytest.approx(shank, rel=0.15)


def test_it_says_where_to_and_nothing_more(session: tuple) -> None:
    stream, vmc, vrchat = session[3].splitlines()
    assert "INFO stream demo: the demo clip" in stream
    assert "INFO stream demo: VMC to 127.0.0.1:" in vmc
    assert "INFO stream demo: VRChat to 127.0.0.1:" in vrchat


def test_a_receiver_that_is_away_costs_nothing(tmp_path: Path) -> None:
    gone = Receiver()
    gone.close()
    with (
        running_server(tmp_path, "--model", "lite", "--vmc", f"127.0.0.1:{gone.port}") as server,
        raw_client(server, "?subscribe=*") as client,
    ):
        ages = []
        for _ in range(60):
            frame = receive_type(client, "frame")
            ages.append(time.monotonic_ns() // 1000 - frame["sent_us"])
        assert np.median(ages) < 50_000
        assert len(server.log.splitlines()) == 2
        assert "WARNING" not in server.log
        start = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - start < 2


@pytest.mark.parametrize(("option", "target"), [("--vmc", "127.0.0.1:99999"), ("--vrchat", "no.such.invalid")])
def test_a_target_that_cannot_be_is_a_mistake_of_one_line(tmp_path: Path, option: str, target: str) -> None:
    done = run_posewire("serve", option, target, "--port", "0", cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert target in done.stderr
