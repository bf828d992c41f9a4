"""Smoothing: jitter of a still person against lag on fast motion, for each filter, on the real network's noise.

    python benchmarks/smoothing.py [--model full] [--fps 30]

Jitter: one picture of the embedded clip is shown again and again with a camera's noise on it (Gaussian, standard
deviation 2 of 255 grey levels), so the person stands still and only the answer trembles. Given is the RMS of
the world landmarks' deviation from their mean over time, in mm, over the visible landmarks of the body (11 to 32).

Lag: the same trembling answers, each moved along a known path: 0.3 m to and fro at 1.5 Hz, up to 2.8 m/s, as an arm is
swung. Given is the shift in time at which the smoothed path fits the true one best, in ms, and the RMS of what the two
then still differ by, in mm (what the filter bends).

"raw" is what the network says of each picture by itself (IMAGE mode). "engine" is what MediaPipe's own VIDEO graph makes
of it for one person; its lag is measured through the graph, on pictures that are moved, against the raw answers to
the same pictures.
"""

import argparse
import math
import time

import cv2
import numpy as np

from streamer.engine import Detection
from streamer.engine_mediapipe import MediaPipeEngine
from streamer.filter import FILTERS, Kalman, MovingAverage, OneEuro, PoseFilter
from streamer.source.video import demo

BODY = slice(11, 33)
STILL_PICTURE = 8
STILL_FRAMES = 150
SETTLE = 30
SWING_M, SWING_HZ = 0.3, 1.5
NOISE = 2.0


def still_pictures(count: int) -> list[np.ndarray]:
    source = demo()
    source.open()
    picture = [source.read() for _ in range(STILL_PICTURE + 1)][-1]
    source.close()
    rng = np.random.default_rng(0)
    return [np.clip(picture + rng.normal(0, NOISE, picture.shape), 0, 255).astype(np.uint8) for _ in range(count)]


def moved_pictures(pictures: list[np.ndarray], fps: float) -> list[np.ndarray]:
    """The pictures shifted to and fro by 8 % of their height at SWING_HZ."""
    moved = []
    for index, picture in enumerate(pictures):
        shift = 0.08 * picture.shape[0] * math.sin(2 * math.pi * SWING_HZ * index / fps)
        matrix = np.array([[1, 0, shift], [0, 1, 0]], np.float32)
        size = (picture.shape[1], picture.shape[0])
        moved.append(cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE))
    return moved


def estimate(pictures: list[np.ndarray], model: str, mode: str, fps: float) -> list[Detection]:
    engine = MediaPipeEngine(model, 1, mode)
    found = [engine.estimate(picture, round(index / fps * 1e6)) for index, picture in enumerate(pictures)]
    engine.close()
    assert all(len(people) == 1 for people in found), "the person was lost"
    return [people[0] for people in found]


def smooth(make, detections: list[Detection], fps: float, aspect: float) -> list[Detection]:
    if make is None:
        return detections
    kept = PoseFilter(make)
    return [kept.apply(item, round(index / fps * 1e6), aspect) for index, item in enumerate(detections)]


def jitter_mm(detections: list[Detection], visible: np.ndarray) -> float:
    world = np.array([item.world[BODY, :3][visible] for item in detections[SETTLE:]], np.float64)
    return float(np.sqrt(((world - world.mean(axis=0)) ** 2).sum(axis=2).mean())) * 1000


def swing(detections: list[Detection], fps: float) -> tuple[list[Detection], np.ndarray]:
    """The answers moved along x by the known path, in world and image alike."""
    path = SWING_M * np.sin(2 * np.pi * SWING_HZ * np.arange(len(detections)) / fps)
    moved = []
    for item, offset in zip(detections, path, strict=True):
        image, world = item.image.copy(), item.world.copy()
        world[:, 0] += offset
        image[:, 0] += offset / 3
        moved.append(Detection(image, world, item.score))
    return moved, path


def lag(path: np.ndarray, track: np.ndarray, fps: float) -> tuple[float, float]:
    """(ms by which `track` is behind `path`, RMS of the rest), both of shape (frames,), by the best fit in time."""
    times = np.arange(len(path)) / fps
    use = slice(SETTLE, len(path) - 5)

    def misfit(shift_s: float) -> float:
        rest = track[use] - np.interp(times[use] - shift_s, times, path)
        return float(np.sqrt(((rest - rest.mean()) ** 2).mean()))

    shifts = np.arange(-0.02, 0.25, 0.0005)
    errors = [misfit(shift) for shift in shifts]
    best = int(np.argmin(errors))
    return shifts[best] * 1000, errors[best]


def cost_us(make, detections: list[Detection], fps: float) -> float:
    start = time.process_time()
    for _ in range(5):
        smooth(make, detections, fps, 0.5625)
    return (time.process_time() - start) / 5 / len(detections) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="full", choices=("lite", "full", "heavy"))
    parser.add_argument("--fps", type=float, default=30)
    parser.add_argument("--sweep", action="store_true", help="a range of parameters instead of the defaults")
    options = parser.parse_args()
    fps = options.fps
    pictures = still_pictures(STILL_FRAMES)
    aspect = pictures[0].shape[1] / pictures[0].shape[0]
    raw = estimate(pictures, options.model, "image", fps)
    visible = np.mean([item.world[BODY, 3] for item in raw], axis=0) > 0.5
    engine = estimate(pictures, options.model, "video", fps)
    moving = moved_pictures(pictures, fps)
    # The picture moves, so the image landmarks do; the world's origin goes with the hips.
    true_x = np.array([item.image[BODY, 0][visible].mean() for item in estimate(moving, options.model, "image", fps)])
    engine_x = np.array([item.image[BODY, 0][visible].mean() for item in estimate(moving, options.model, "video", fps)])
    rows: list[tuple[str, object, list[Detection]]] = [("raw", None, raw)]
    rows += [(kind, make, raw) for kind, make in FILTERS.items()]
    rows += [(f"engine + {kind}", make, engine) for kind, make in FILTERS.items()]
    if options.sweep:
        rows = [("raw", None, raw)]
        rows += [
            (f"one-euro {c} {b} {d}", lambda c=c, b=b, d=d: OneEuro(c, b, d), raw)
            for c in (0.3, 0.7, 1.2)
            for b in (3, 6, 12, 25, 40)
            for d in (1, 2)
        ]
        rows += [
            (f"kalman {q} {r}", lambda q=q, r=r: Kalman(q, r), raw) for q in (1, 4, 16) for r in (0.01, 0.03, 0.06)
        ]
        rows += [(f"average {w}", lambda w=w: MovingAverage(w), raw) for w in (0.07, 0.1, 0.15)]
    print(f"model {options.model}, {fps:g} fps, {int(visible.sum())} visible body landmarks, {STILL_FRAMES} frames\n")
    print("| smoothing | jitter mm RMS | lag ms | bend mm RMS | cost us/person |")
    print("|---|---:|---:|---:|---:|")
    for name, make, detections in rows:
        still = jitter_mm(smooth(make, detections, fps, aspect), visible)
        moved, path = swing(detections, fps)
        smoothed = smooth(make, moved, fps, aspect)
        track = np.mean([item.world[BODY, 0][visible] - raw[0].world[BODY, 0][visible] for item in smoothed], axis=1)
        behind, bend = lag(path, track, fps)
        spent = f"{cost_us(make, moved, fps):.0f}" if make is not None else "-"
        print(f"| {name} | {still:.2f} | {behind:.1f} | {bend * 1000:.1f} | {spent} |", flush=True)
    behind, _ = lag(true_x, engine_x, fps)
    print(f"| engine (MediaPipe's own, image landmarks) | {jitter_mm(engine, visible):.2f} | {behind:.1f} | - | - |")


if __name__ == "__main__":
    main()
