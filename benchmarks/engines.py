"""The two engines side by side on the demo clip, following one person: frames a second, processor time, agreement.

    python -m benchmarks.engines [--rounds 5] [--models lite,full,heavy]

Each round both engines in turn, the whole call of each frame, pictures in memory. "two streams": two engines of a kind
in threads of one process, the frames of both together. Agreement: each tenth picture looked at afresh by both. With
bf16 only where the processor has it; its mean differences are a few pictures' of a body seen the other way round, so
the world's median is told, too.
"""

import argparse
import statistics
import threading
import time

import cv2
import numpy as np

from streamer.engine.base import Engine
from streamer.engine.blazepose.networks import Precision, Tuning, default_threads, has_bf16
from streamer.engine.engines import Engines
from streamer.engine.openvino import OpenVinoEngine
from streamer.settings import Settings
from streamer.source.base import Image
from streamer.source.video import demo


def clip() -> list[Image]:
    source = demo()
    source.open()
    pictures = []
    while (picture := source.read()) is not None:
        pictures.append(picture)
    return pictures


def run(engine: Engine, pictures: list[Image]) -> tuple[float, float]:
    """Median milliseconds a frame, and processor milliseconds."""
    times, cpu = [], time.process_time()
    for index, picture in enumerate(pictures):
        start = time.perf_counter()
        engine.estimate(picture, index * 33_333)
        times.append(time.perf_counter() - start)
    cpu = time.process_time() - cpu
    engine.close()
    return 1000 * statistics.median(times), 1000 * cpu / len(pictures)


def two_streams(maker: Engines, model: str, pictures: list[Image]) -> float:
    """Frames a second of two engines together."""
    engines = [maker.make(Settings(model)) for _ in range(2)]
    for engine in engines:
        engine.estimate(pictures[0], 0)
    threads = [threading.Thread(target=run, args=(engine, pictures)) for engine in engines]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 2 * len(pictures) / (time.perf_counter() - start)


def agreement(model: str, precision: Precision, pictures: list[Image]) -> tuple[float, float, float, float]:
    """Mean distance of the 33 landmarks: pixels, percent of the torso, millimetres in the world and their median."""
    tuning = Tuning(default_threads(), precision=precision)
    engines = [
        Engines("mediapipe").make_for_pictures(model, 1),
        OpenVinoEngine(model, mode="image", tuning=tuning),
    ]
    rows = []
    for picture in pictures[::10]:
        (theirs,), (ours,) = (engine.estimate(picture, 0) for engine in engines)
        size = np.array(picture.shape[1::-1])
        points = theirs.image[:, :2] * size
        torso = np.linalg.norm(points[[11, 12]].mean(0) - points[[23, 24]].mean(0))
        pixels = np.linalg.norm(points - ours.image[:, :2] * size, axis=1).mean()
        world = np.linalg.norm((theirs.world - ours.world)[:, :3], axis=1).mean()
        rows.append((pixels, 100 * pixels / torso, 1000 * world))
    for engine in engines:
        engine.close()
    means = np.mean(rows, axis=0)
    return float(means[0]), float(means[1]), float(means[2]), float(np.median([world for _, _, world in rows]))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--models", default="lite,full,heavy")
    options = parser.parse_args()
    cv2.setNumThreads(1)  # as the server has it
    pictures = clip()
    precisions: list[Precision] = ["f32", "bf16"] if has_bf16() else ["f32"]
    print("| model | precision | mediapipe ms | openvino ms | speed | processor time | two streams | ", end="")
    print("pixels | % of torso | world mm | median |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for model in options.models.split(","):
        settings = Settings(model)
        for precision in precisions:
            makers, pair_makers = (
                [Engines("mediapipe"), Engines("openvino", streams=streams, precision=precision)] for streams in (1, 2)
            )
            rounds = range(options.rounds)
            single = np.array([[run(maker.make(settings), pictures) for maker in makers] for _ in rounds])
            pairs = [[two_streams(maker, model, pictures[:60]) for maker in pair_makers] for _ in rounds]
            both = np.median([fast / slow for slow, fast in pairs])
            (slow_ms, _), (fast_ms, _) = np.median(single, axis=0)
            speed, cpu = np.median(single[:, 0] / single[:, 1], axis=0)
            pixels, percent, world_mm, median_mm = agreement(model, precision, pictures)
            print(
                f"| {model} | {precision} | {slow_ms:.1f} | {fast_ms:.1f} | {speed:.2f} | {1 / cpu:.2f} | "
                f"{both:.2f} | {pixels:.3f} | {percent:.3f} | {world_mm:.2f} | {median_mm:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
