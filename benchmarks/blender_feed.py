"""What the Blender receiver costs without Blender: reading a frame, showing one, and how late one is.

    python -m benchmarks.blender_feed

Prints the tables in Markdown. Latency is that of the whole chain on this machine, the server's estimation included:
from capture to decoded in the receiver's thread. What the way and the receiver add is in the second row.
"""

import argparse
import sys
import tempfile
import time
import timeit
import tracemalloc
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "clients" / "blender"))

from posewire.feed import Receiver, messages  # noqa: E402
from posewire.feed.clock import ClockSync  # noqa: E402
from posewire.feed.playout import Playout  # noqa: E402
from posewire.feed.schema import decode  # noqa: E402
from posewire.feed.take import TakeRecorder  # noqa: E402
from protocol import BONES, LANDMARKS, REST, Frame, Pose, encode  # noqa: E402
from tests.harness import running_server  # noqa: E402


def pose(id: int, fields: str) -> Pose:
    random = np.random.default_rng(id)
    image, world = random.random((2, len(LANDMARKS), 4)).astype("<f4")
    bones = random.normal(size=(len(BONES), 4)).astype("<f4")
    bones /= np.linalg.norm(bones, axis=1, keepdims=True)
    has_bones = "bones" in fields
    return Pose(
        id,
        0.98,
        image if "image" in fields else None,
        world if "world" in fields else None,
        bones if has_bones else None,
        np.array((0.1, -0.2, -3), "<f4") if has_bones else None,
        (11, 12) if has_bones else (),
        (True, False),
        -1.1 if has_bones else None,
        np.array(REST, "<f4") if "rest" in fields else None,
    )


def frame(people: int, fields: str, t_us: int = 12_345_678_901) -> Frame:
    poses = tuple(pose(id, fields) for id in range(people))
    return Frame(1, "demo", t_us // 33_333, t_us, t_us + 30_000, (720, 1280), poses)


def microseconds(call) -> float:
    """The best of seven runs: what others do on the machine only ever adds."""
    return min(timeit.repeat(call, number=1000, repeat=7)) * 1000


def costs() -> None:
    print("| a frame of | bytes | read, us | shown in between, us |\n|---|---:|---:|---:|")
    for people, fields in ((1, "bones, rest"), (1, "world, bones, rest"), (2, "world, bones, rest"), (8, "world")):
        data = encode(frame(people, fields))
        later = decode(encode(frame(people, fields, 12_345_712_234)))
        frames, playout = [decode(data), later], Playout()
        now_us = frames[0].t_us

        def show(frames=frames, playout=playout) -> None:
            nonlocal now_us
            now_us += 1
            playout.sample(frames, now_us, now_us)

        read_us = microseconds(lambda data=data: decode(data))
        print(f"| {people} x {fields} | {len(data)} | {read_us:.0f} | {microseconds(show):.0f} |")


def memory(count: int = 5000) -> None:
    data = encode(frame(1, "world, bones, rest"))
    tracemalloc.start()
    recorder, clock = TakeRecorder("demo"), ClockSync()
    for _ in range(count):
        recorder.add(decode(data), clock)
    per_pose = tracemalloc.get_traced_memory()[0] / count
    tracemalloc.stop()
    print(f"\nA take holds a pose in {per_pose:.0f} bytes, so at most {per_pose * 216_000 / 1e6:.0f} MB.")


def latency(seconds: float, model: str) -> None:
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder), "--model", model) as server:
        receiver = Receiver(server.url)
        capture_ms, sent_ms = [], []
        put = receiver._inbox.put

        def measure(frame: messages.Frame, arrival_us: int, clock: ClockSync) -> None:
            age_us = clock.to_server_us(arrival_us) - frame.t_us
            capture_ms.append(age_us / 1000)
            sent_ms.append((age_us - (frame.sent_us - frame.t_us)) / 1000)
            put(frame, arrival_us, clock)

        receiver.start()
        time.sleep(5)
        receiver._inbox.put = measure
        time.sleep(seconds)
        rate, error_us = receiver.rate_fps(), receiver.clock_error_us
        receiver.stop()
    print(f"\nDemo clip, model {model}, {rate:.0f} frames a second, {len(sent_ms)} frames;", end=" ")
    print(f"the clock is known to {error_us:.0f} us.")
    print("\n| latency, ms | p50 | p99 |\n|---|---:|---:|")
    for name, values in (("capture to decoded", capture_ms), ("encoded to decoded", sent_ms)):
        p50, p99 = np.percentile(values, (50, 99))
        print(f"| {name} | {p50:.1f} | {p99:.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long latency is measured")
    parser.add_argument("--model", default="lite")
    options = parser.parse_args()
    costs()
    memory()
    latency(options.seconds, options.model)


if __name__ == "__main__":
    main()
