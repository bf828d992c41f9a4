"""What the tests of Unity's layer share: the package compiled against stubs, scenes played by them, a server that says
what it is told, and forward kinematics of its own."""

import json
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from protocol import (
    BONES,
    EDGES,
    LANDMARKS,
    PARENTS,
    REST,
    SUBPROTOCOL_MSGPACK,
    Bones,
    Frame,
    Hello,
    Pose,
    Skeleton,
    StreamInfo,
    Subscribe,
    Subscribed,
    Time,
    decode,
    encode,
)

UNITY = Path(__file__).parents[2] / "clients" / "unity"
LIMIT_S = 90
MIRROR = np.diag([-1.0, 1.0, 1.0])
"""From the wire's axes to Unity's: x is mirrored."""

CORE, LAYER, ENGINE = "Posewire.Core.dll", "Posewire.dll", "UnityEngine.dll"
ASSEMBLIES: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    ENGINE: (["Tests~/Stubs/UnityEngine", "Tests~/Stubs/Player"], []),
    "UnityEditor.dll": (["Tests~/Stubs/UnityEditor"], [ENGINE]),
    CORE: (["Runtime/Core"], []),
    LAYER: (["Runtime/Unity"], [CORE, ENGINE]),
    "Posewire.Editor.dll": (["Editor"], [CORE, LAYER, ENGINE, "UnityEditor.dll"]),
    "Samples.dll": (["Samples~/Points", "Samples~/StickFigure", "Samples~/HumanoidAvatar"], [CORE, LAYER, ENGINE]),
    "Scenes.exe": (
        ["Tests~/Scenes"],
        [CORE, LAYER, ENGINE, "UnityEditor.dll", "Posewire.Editor.dll", "Samples.dll"],
    ),
}


def compile_scenes(folder: Path, *defines: str) -> Path:
    """Each assembly by itself, with the references that its asmdef has; the program that plays scenes."""
    for name, (sources, references) in ASSEMBLIES.items():
        files = [str(file) for source in sources for file in sorted((UNITY / source).glob("*.cs"))]
        assert files, f"{name} has no sources"
        command = ["mcs", "-nologo", "-warnaserror", "-warn:4", *(f"-d:{define}" for define in defines)]
        command += [f"-target:{'exe' if name.endswith('.exe') else 'library'}", f"-out:{folder / name}"]
        command += [f"-r:{folder / reference}" for reference in references]
        built = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
        assert built.returncode == 0, f"{name}: {built.stderr or built.stdout}"
    return folder / "Scenes.exe"


class Scenes:
    """The running program: a command in, a line of JSON out."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self._process = process
        self._log = log
        self._lines: Queue[str] = Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self._lines.put(line)

    @property
    def log(self) -> str:
        return self._log.read_text()

    def line(self) -> dict[str, Any]:
        try:
            answer = json.loads(self._lines.get(timeout=LIMIT_S))
        except Empty:
            raise AssertionError(f"no answer in {LIMIT_S} s; {self.log}") from None
        assert "exception" not in answer, answer["exception"]
        return answer

    def ask(self, command: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return self.line()

    def frames(self, count: int) -> list[dict[str, Any]]:
        """Snapshots of so many frames, as each is shown."""
        first = self.ask(f"frames {count}")
        snapshots = [first, *(self.line() for _ in range(count - 1))]
        assert self.line() == {}
        return snapshots


@contextmanager
def playing(program: Path, log: Path) -> Iterator[Scenes]:
    with log.open("w") as errors:
        process = subprocess.Popen(
            ["mono", str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        yield Scenes(process, log)
    finally:
        process.kill()
        process.wait(10)
        assert process.stdin is not None
        with suppress(BrokenPipeError):
            process.stdin.close()


class ScriptedServer:
    """A Posewire server that sends the frames that a test gives it."""

    def __init__(self) -> None:
        self.t_us = 1_000_000
        self.seq = 0
        self.fields: tuple[str, ...] = ()
        self._clients: list[ServerConnection] = []
        self._last: bytes | None = None
        self._lock = threading.Lock()
        self.url = ""

    def handle(self, client: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            self._serve(client)

    def _serve(self, client: ServerConnection) -> None:
        stream = StreamInfo("scripted", 640, 480, 30.0, "none", "none", people=4)
        skeleton = Skeleton(tuple(LANDMARKS), tuple(EDGES))
        bones = Bones(tuple(BONES), tuple(PARENTS), tuple(map(tuple, REST)))
        client.send(encode(Hello("scripted", self.t_us, (stream,), skeleton, bones)))
        for data in client:
            message = decode(data)
            if isinstance(message, Subscribe):
                rows = tuple(range(len(LANDMARKS)))
                with self._lock:
                    self.fields = message.fields
                    answer = Subscribed(message.id, message.stream, message.fields, rows, message.dtype)
                    client.send(encode(answer))
                    self._clients.append(client)
                    if self._last is not None:
                        client.send(self._last)
            elif isinstance(message, Time):
                client.send(encode(Time(message.t0_us, self.t_us, self.t_us)))

    def send(self, *poses: Pose, after_us: int = 33_000) -> int:
        """A frame to everyone, and to whoever subscribes later; its number."""
        with self._lock:
            self.seq += 1
            self.t_us += after_us
            self._last = encode(Frame(1, "scripted", self.seq, self.t_us, self.t_us, (640, 480), poses))
            for client in self._clients:
                with suppress(ConnectionClosed):
                    client.send(self._last)
            return self.seq

    def hang_up(self) -> None:
        with self._lock:
            for client in self._clients:
                client.close()


@contextmanager
def scripted() -> Iterator[ScriptedServer]:
    script = ScriptedServer()
    with serve(script.handle, "127.0.0.1", 0, subprotocols=[SUBPROTOCOL_MSGPACK], compression=None) as server:
        script.url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            script.hang_up()
            thread.join(10)


def show(scenes: Scenes, server: ScriptedServer, *poses: Pose, after_us: int = 33_000) -> dict[str, Any]:
    """Send a frame and wait until it is shown."""
    return scenes.ask(f"seq {server.send(*poses, after_us=after_us)}")


def someone(
    bones: np.ndarray | None = None,
    root: Sequence[float] = (0.0, 0.9, -2.0),
    floor: float | None = 0.0,
    id: int = 1,
    world: np.ndarray | None = None,
) -> Pose:
    """A person in the T-pose, or as told."""
    rotations = np.tile([0.0, 0, 0, 1], (len(BONES), 1)) if bones is None else bones
    landmarks = np.zeros((len(LANDMARKS), 4)) if world is None else world
    return Pose(
        id,
        0.9,
        world=landmarks.astype("<f4"),
        bones=rotations.astype("<f4"),
        root=np.array(root, "<f4"),
        floor=floor,
        rest=np.array(REST, "<f4"),
    )


def random_bones(seed: int, degrees: float = 60) -> np.ndarray:
    """A rotation of up to so many degrees about a random axis for each bone."""
    random = np.random.default_rng(seed)
    axes = random.normal(size=(len(BONES), 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    half = np.radians(random.uniform(0, degrees, (len(BONES), 1))) / 2
    return np.hstack([axes * np.sin(half), np.cos(half)])


def matrix(q: Sequence[float]) -> np.ndarray:
    """The rotation matrix of a quaternion x, y, z, w."""
    x, y, z, w = np.asarray(q, float) / np.linalg.norm(q)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def multiply(a: Sequence[float], b: Sequence[float]) -> np.ndarray:
    """The product of two quaternions x, y, z, w: b turns first."""
    u, v = np.asarray(a, float), np.asarray(b, float)
    vector = u[3] * v[:3] + v[3] * u[:3] + np.cross(u[:3], v[:3])
    return np.append(vector, u[3] * v[3] - u[:3] @ v[:3])


def rotate(q: Sequence[float], vector: Sequence[float]) -> np.ndarray:
    """A vector turned by a quaternion."""
    return matrix(q) @ np.asarray(vector, float)


def in_space(bones: np.ndarray) -> dict[str, np.ndarray]:
    """Rotation of each bone in space, Unity's axes, from the wire's local quaternions."""
    turns: list[np.ndarray] = []
    for bone, parent in enumerate(PARENTS):
        local = matrix(bones[bone])
        turns.append(local if parent < 0 else turns[parent] @ local)
    return {name: MIRROR @ turn @ MIRROR for name, turn in zip(BONES, turns, strict=True)}


def degrees(a: np.ndarray, b: np.ndarray) -> float:
    """The angle between two directions, or two rotation matrices. Exact for small ones, too."""
    if a.ndim == 2:
        way = a.T @ b
        sine = np.linalg.norm([way[2, 1] - way[1, 2], way[0, 2] - way[2, 0], way[1, 0] - way[0, 1]]) / 2
        return float(np.degrees(np.arctan2(sine, (np.trace(way) - 1) / 2)))
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b)))


def slerp(a: Sequence[float], b: Sequence[float], share: float) -> np.ndarray:
    """Spherical interpolation of quaternions along the shorter way."""
    start, end = np.asarray(a, float), np.asarray(b, float)
    cosine = start @ end
    if cosine < 0:
        end, cosine = -end, -cosine
    angle = np.arccos(min(cosine, 1.0))
    if angle < 1e-6:
        return start
    return (np.sin((1 - share) * angle) * start + np.sin(share * angle) * end) / np.sin(angle)
