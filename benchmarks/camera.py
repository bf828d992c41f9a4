"""A browser's camera: how old landmarks are when they reach a client, from the capture that the publisher tells.

    python -m benchmarks.camera [--seconds 20] [--width 480]

A publisher and a client in this process, the server in its own, all on one machine. "paced" waits for acknowledgements
as the page does, at 30 pictures a second; "flood" sends as fast as the connection takes them.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import psutil

from streamer.clock import now_us
from tests.harness import raw_client, read_clip, receive_type, running_server
from tests.publisher import as_jpegs, publishing

WARM_UP_FRAMES = 30


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--width", type=int, default=480, help="of the pictures; the clip stands upright")
    options = parser.parse_args()
    jpegs = as_jpegs(read_clip(count=200), options.width)
    print(f"pictures of {np.mean([len(jpeg) for jpeg in jpegs]) / 1000:.0f} kB, model full\n")
    print("| | sent/s | frames/s | age p50 ms | age p99 ms | server MB |\n|---|---:|---:|---:|---:|---:|")
    for name in ("paced", "flood"):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            server = stack.enter_context(running_server(folder, "--source", "browser"))
            client = stack.enter_context(raw_client(server, "?subscribe=*&fields=image"))
            publisher = stack.enter_context(publishing(server, "browser", jpegs, floods=name == "flood"))
            for _ in range(WARM_UP_FRAMES):
                receive_type(client, "frame")
            ages, sent, start = [], publisher.sent, time.monotonic()
            while time.monotonic() < start + options.seconds:
                frame = receive_type(client, "frame")
                ages.append((now_us() - frame["t_us"]) / 1000)
            seconds = time.monotonic() - start
            megabytes = psutil.Process(server.process.pid).memory_info().rss / 1e6
            p50, p99 = np.percentile(ages, [50, 99])
            print(
                f"| {name} | {(publisher.sent - sent) / seconds:.0f} | {len(ages) / seconds:.1f} "
                f"| {p50:.1f} | {p99:.1f} | {megabytes:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
