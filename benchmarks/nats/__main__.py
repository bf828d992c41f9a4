"""Streams over NATS: what the way through a broker and a relay costs, what it carries, and what faults do to it.

    python -m benchmarks.nats latency [--engine]    capture to viewer, directly and through a relay, in turn
    python -m benchmarks.nats carry [--streams 4]   viewers of one relay, until it is too many
    python -m benchmarks.nats cpu                   processor time of a message at node, broker and relay
    python -m benchmarks.nats streams               24 streams to one viewer
    python -m benchmarks.nats broker                the only broker is killed and started again
    python -m benchmarks.nats cluster               one of three brokers is killed
    python -m benchmarks.nats stuck                 a relay that has viewers hangs for 30 s
    python -m benchmarks.nats scale                 100 000 viewers, reckoned from measurements

Real processes on loopback: nats-server (on the PATH), `posewire serve`, `posewire relay`, and viewers as raw sockets in
a process of their own. The streams are a recording of the demo clip, made first, that is replayed at 30 frames a second
and needs no engine; with --engine the clip itself. All clocks are the machine's monotonic one.
"""

import argparse
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.nats import faults, load
from benchmarks.nats.scale import scale


def main() -> None:
    """One of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds: dict[str, Callable[[Path, argparse.Namespace], None]] = {
        "latency": lambda folder, o: load.latency(folder, o.seconds or 8, o.rounds, o.engine),
        "carry": lambda folder, o: load.carry(folder, o.seconds or 8, o.counts, o.streams or 1),
        "cpu": lambda folder, o: load.cpu(folder, o.seconds or 6, o.rounds, o.streams or 4),
        "streams": lambda folder, o: load.many(folder, o.seconds or 30, o.streams or 24, o.nodes),
        "broker": lambda folder, o: faults.broker(folder, o.cycles),
        "cluster": lambda folder, o: faults.cluster(folder, o.cycles),
        "stuck": lambda folder, o: faults.stuck(folder, o.seconds or 30, o.streams or 8),
        "scale": lambda folder, o: scale(folder, o.seconds or 10),
    }
    parser.add_argument("what", choices=kinds)
    parser.add_argument("--seconds", type=float, help="of a turn; of stuck, how long the relay hangs")
    parser.add_argument("--rounds", type=int, default=3, help="of all turns")
    parser.add_argument("--cycles", type=int, default=10, help="kills; of cluster for node and relay each")
    parser.add_argument("--streams", type=int)
    parser.add_argument("--nodes", type=int, default=2, help="that streams are divided among")
    parser.add_argument("--counts", type=int, nargs="+", default=[250, 500, 1000, 1500, 2000, 3000, 4000])
    parser.add_argument("--engine", action="store_true", help="the demo clip and the lite model, not a replay")
    parser.add_argument("--take", type=Path, metavar="FILE.mcap", help="an even recording at 30 Hz, made before")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.take is not None:
            shutil.copy(options.take, Path(folder) / "take.mcap")
        kinds[options.what](Path(folder), options)


if __name__ == "__main__":
    main()
