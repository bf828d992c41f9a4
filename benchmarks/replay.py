"""How true a replay is to its recording: intervals of capture times, and how late each frame goes out and comes in.

    python -m benchmarks.replay [--seconds 20] [--speed 1] [--clients 1]

Records the demo clip for that long, then replays the file on a server of its own, with clients that ask for all.
Late is the time from when a frame was due, which is its t_us, until it was encoded (sent_us) and until a client had it.
Then once more at pace max, for the rate.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import msgpack
import numpy as np

from protocol.messages import FIELDS
from streamer.clock import now_us
from streamer.recording.reader import Recording
from tests.harness import raw_client, receive, receive_type, running_server

QUERY = f"?subscribe=*&fields={','.join(FIELDS)}"


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--clients", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        take = Path(folder) / "take.mcap"
        with running_server(Path(folder), "--model", "lite", "--record", str(take)):
            time.sleep(options.seconds)
        with Recording.open(take) as recording:
            frames = [msgpack.unpackb(one.data) for one in recording.messages(kinds=("frame",))]
        times = np.array([one["t_us"] for one in frames])
        print(f"{len(times)} frames, {len(times) / np.ptp(times) * 1e6:.1f} a second, {take.stat().st_size} bytes")
        real_time(Path(folder), take, times, options.speed, options.clients)
        full_speed(Path(folder), take, len(frames))


def real_time(folder: Path, take: Path, times: np.ndarray, speed: float, clients: int) -> None:
    """Two thirds of the file, from its start to before its end."""
    count = 2 * len(times) // 3
    with (
        running_server(folder, "--source", str(take), "--speed", f"{speed:g}", "--no-loop") as server,
        ExitStack() as stack,
    ):
        others = [stack.enter_context(raw_client(server, QUERY)) for _ in range(clients - 1)]
        with raw_client(server, QUERY) as client:
            found, came = [], []
            for _ in range(count):
                found.append(receive_type(client, "frame"))
                came.append(now_us())
                for other in others:
                    receive(other)
    t_us, sent_us, seq = (np.array([one[key] for one in found]) for key in ("t_us", "sent_us", "seq"))
    missed = seq[-1] - seq[0] + 1 - len(seq)
    error_us = np.abs(t_us - t_us[0] - (times[seq - 1] - times[seq[0] - 1]) / speed)
    jitter_us = np.abs(np.diff(sent_us) - np.diff(t_us))
    print(f"t_us: at most {error_us.max():.1f} us beside the recorded; {missed} frames missed")
    rows = (
        ("due until sent", sent_us - t_us),
        ("due until received", np.array(came) - t_us),
        ("interval of sending", jitter_us),
    )
    print("\n| ms | p50 | p99 | maximum |\n|---|---:|---:|---:|")
    for name, values in rows:
        p50, p99, most = (value / 1000 for value in (*np.percentile(values, [50, 99]), values.max()))
        print(f"| {name} | {p50:.2f} | {p99:.2f} | {most:.2f} |")


def full_speed(folder: Path, take: Path, count: int) -> None:
    """The whole file at pace max."""
    options = ("--source", str(take), "--pace", "max", "--no-loop")
    with running_server(folder, *options) as server, raw_client(server, QUERY) as client:
        numbers, begun_s = [], time.monotonic()
        while (message := receive(client)).get("state") != "ended":
            if message["type"] == "frame":
                numbers.append(message["seq"])
        took_s = time.monotonic() - begun_s
    assert numbers == list(range(1, count + 1))
    print(f"\npace max: all {count} frames in {took_s:.2f} s, {count / took_s:.0f} a second")


if __name__ == "__main__":
    main()
