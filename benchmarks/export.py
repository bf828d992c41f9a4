"""How fast takes become files: `python -m benchmarks.export [--seconds 60] [--fps source|25] [--repeats 5]`.

The take is the demo clip over and over, as the engine, the smoothing and the solver have it. "times real time" is how
many seconds of it are exported in one: resampling, making the files and writing them, in the median of the repeats.
"read" is the way from a recording of it to arrays, which comes before any of them.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from streamer.engine.engines import Engines
from streamer.export.exporter import ExportOptions, export_take
from streamer.export.formats import FORMATS
from streamer.export.rate import SOURCE, parse_rate
from streamer.settings import Settings
from streamer.take.load import load_takes
from tests.takes import FPS, estimate_demo, record

CLIP_FRAMES = 100


def measure_s(work: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def size_of(path: Path) -> int:
    return sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else path.stat().st_size


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--fps", type=partial(parse_rate, name="--fps"), default=SOURCE)
    parser.add_argument("--model", choices=("lite", "full", "heavy"), default="full")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    engine = Engines("auto").make(Settings(options.model))
    take = estimate_demo(engine, round(options.seconds * FPS / CLIP_FRAMES))
    engine.close()
    seconds = len(take.t_us) / FPS
    print(f"{seconds:.0f} s of one person, {len(take.t_us)} frames, exported at {options.fps or SOURCE} fps\n")
    print("| | ms | times real time | MB |\n|---|---:|---:|---:|")

    def row(name: str, spent_s: float, size: int) -> None:
        print(f"| {name} | {1000 * spent_s:.0f} | {seconds / spent_s:.0f} | {size / 1e6:.2f} |", flush=True)

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source = record(folder / "take.mcap", take)
        row("read", measure_s(lambda: load_takes(source), options.repeats), size_of(source))
        for name, form in FORMATS.items():
            to = ExportOptions(name, folder / f"take{form.suffix}", options.fps, force=True)
            made = export_take(take, to)
            row(name, measure_s(lambda to=to: export_take(take, to), options.repeats), sum(map(size_of, made)))


if __name__ == "__main__":
    main()
