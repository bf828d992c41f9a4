"""Smoothing: how much a still person trembles against how far behind a fast one is, for each filter, on a real network.

    python -m benchmarks.smoothing [--model lite|full|heavy] [--fps 30] [--sweep]

All landmarks come from the embedded networks, on pictures made from the embedded clip:

- Jitter: one picture of the clip again and again, each time with a camera's noise on it (Gaussian, standard deviation
  2 of 255 grey levels). The person stands still, so all that moves is error. `jitter` is the RMS of a world landmark's
  distance from its mean place, in mm, over the landmarks of the body (11 to 32) and several pictures; `step` the RMS of
  its way from one frame to the next, which is what an eye sees as trembling.
- Hidden: the same with a picture cut off at the thighs, over the landmarks MediaPipe then doesn't see.
- Lag: the picture turned to and fro by 20 degrees at 1.5 Hz, so that hands and feet move at over 2 m/s. `lag` is how
  far wrists and ankles are behind what the network says of each picture by itself (IMAGE mode), in ms, from the phase
  at 1.5 Hz, and `swing` how much of its amplitude is left, in percent (more than 100: overshoot).
- Cost: processor time for one person and frame, picture and world landmarks together, in us.

"raw" is what the VIDEO graph gives when it follows several people, which it doesn't smooth: two copies of the person
side by side (for Hidden: IMAGE mode). "engine" is what it gives for one person, smoothed by itself. The rows below each
are our filters on top.
"""

import argparse
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

import streamer.filter
from streamer.engine.base import Detection
from streamer.engine.mediapipe import MediaPipeEngine
from streamer.filter import FILTERS, Filter, Kalman, MovingAverage, OneEuro, PoseFilter
from streamer.settings import MODELS
from streamer.source.video import demo

Pictures = list[np.ndarray]
Make = Callable[[], Filter] | None

BODY = np.arange(11, 33)
ENDS = [15, 16, 27, 28]  # wrists and ankles
STILL_PICTURES = (10, 50, 70)
TURNED_PICTURE = 50
FRAMES = 120
SETTLE = 30
TURN_DEGREES, TURN_HZ = 20.0, 1.5
CUT = slice(150, 560)  # rows from above the head to the thighs
NOISE = 2.0


@dataclass
class Tracks:
    """The landmarks of one way to ask the engine: a person who stands still, one cut off, one who is turned."""

    still: list[list[Detection]]
    hidden: list[Detection]
    turned: list[Detection]


def read_clip() -> Pictures:
    source = demo()
    source.open()
    pictures = []
    while (picture := source.read()) is not None:
        pictures.append(picture)
    source.close()
    return pictures


def noisy(pictures: Sequence[np.ndarray]) -> Pictures:
    rng = np.random.default_rng(0)
    return [np.clip(item + rng.normal(0, NOISE, item.shape), 0, 255).astype(np.uint8) for item in pictures]


def turned(picture: np.ndarray, fps: float) -> Pictures:
    height, width = picture.shape[:2]
    result = []
    for index in range(FRAMES):
        angle = TURN_DEGREES * math.sin(2 * math.pi * TURN_HZ * index / fps)
        matrix = cv2.getRotationMatrix2D((width * 0.5, height * 0.42), angle, 1.0)
        result.append(cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE))
    return result


def doubled(pictures: Pictures) -> Pictures:
    return [np.ascontiguousarray(np.hstack([item, item[:, ::-1]])) for item in pictures]


def estimate(pictures: Pictures, model: str, mode: str, people: int, fps: float) -> list[Detection]:
    """One detection a picture: of several people the left one, its x brought back to its half of the picture."""
    engine = MediaPipeEngine(model, people, mode)  # type: ignore[arg-type]
    kept: list[Detection] = []
    for index, picture in enumerate(pictures):
        found = engine.estimate(picture, round(index / fps * 1e6))
        left = min(found, key=lambda item: float(item.image[:, 0].mean()), default=None)
        if people > 1 and left is not None:
            left.image[:, [0, 2]] *= people
            left = left if left.image[:, 0].mean() < 1 else None
        # The second person is found a frame later than the first: until then, there is nothing to say.
        assert left is not None or index < SETTLE // 2, f"the person was lost at frame {index}"
        if left is not None:
            kept += [left] * (index + 1 - len(kept))
    engine.close()
    return kept


def smooth(make: Make, detections: list[Detection], fps: float, aspect: float) -> list[Detection]:
    if make is None:
        return detections
    kept = PoseFilter(make)
    return [kept.apply(item, round(index / fps * 1e6), aspect) for index, item in enumerate(detections)]


def world(detections: list[Detection], landmarks: Sequence[int] | np.ndarray) -> np.ndarray:
    """(frames, landmarks, 3) in mm, without the time a filter takes to settle."""
    return np.array([item.world[landmarks, :3] for item in detections[SETTLE:]], np.float64) * 1000


def rms(values: np.ndarray) -> float:
    return float(np.sqrt((values**2).sum(axis=-1).mean()))


def jitter(points: np.ndarray) -> float:
    return rms(points - points.mean(axis=0))


def lag(path: np.ndarray, track: np.ndarray, fps: float) -> tuple[float, float]:
    """(ms by which `track` is behind `path`, its amplitude in percent of that of `path`), both at TURN_HZ.

    A fit of one frequency to all frames isn't misled by noise, as the best shift in time is: that one prefers shifts of
    half a frame, where interpolation takes noise away.
    """
    phase = 2 * np.pi * TURN_HZ * np.arange(len(path)) / fps
    base = np.column_stack([np.cos(phase), np.sin(phase), np.ones(len(path))])

    def swing(points: np.ndarray) -> np.ndarray:
        cosine, sine, _ = np.linalg.lstsq(base, points.reshape(len(points), -1), rcond=None)[0]
        return cosine - 1j * sine

    ratio = np.vdot(swing(path), swing(track)) / np.vdot(swing(path), swing(path))
    return -float(np.angle(ratio)) / (2 * np.pi * TURN_HZ) * 1000, float(np.abs(ratio)) * 100


def cost_us(make: Make, detections: list[Detection], fps: float) -> float:
    start = time.process_time()
    for _ in range(5):
        smooth(make, detections, fps, 0.5625)
    return (time.process_time() - start) / 5 / len(detections) * 1e6


def sweep(raw: Tracks) -> list[tuple[str, Make, Tracks]]:
    rows: list[tuple[str, Make, Tracks]] = [("raw", None, raw)]
    for cutoff in (0.2, 0.5, 1.0, 1.5):
        for beta in (2, 5, 10, 20):
            for d_cutoff in (1.0, 2.0, 4.0):
                name = f"one-euro {cutoff} {beta} {d_cutoff}"
                rows.append((name, lambda c=cutoff, b=beta, d=d_cutoff: OneEuro(c, b, d), raw))
    rows += [
        (f"kalman {density} {noise}", lambda q=density, r=noise: Kalman(q, r), raw)
        for density in (1, 4, 16, 64)
        for noise in (0.01, 0.02, 0.04)
    ]
    rows += [(f"average {window}", lambda w=window: MovingAverage(w), raw) for window in (0.07, 0.1, 0.15)]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="full", choices=MODELS)
    parser.add_argument("--fps", type=float, default=30)
    parser.add_argument("--sweep", action="store_true", help="a range of parameters instead of the defaults")
    options = parser.parse_args()
    model, fps = options.model, options.fps
    clip = read_clip()
    picture = clip[TURNED_PICTURE]
    aspect = picture.shape[1] / picture.shape[0]
    stills = [noisy([clip[index]] * FRAMES) for index in STILL_PICTURES]
    cut = noisy([picture[CUT]] * FRAMES)
    cut_aspect = cut[0].shape[1] / cut[0].shape[0]
    moving = noisy(turned(picture, fps))
    reference = world(estimate(moving, model, "image", 1, fps), ENDS)
    raw = Tracks(
        [estimate(doubled(still), model, "video", 2, fps) for still in stills],
        estimate(cut, model, "image", 1, fps),
        estimate(doubled(moving), model, "video", 2, fps),
    )
    engine = Tracks(
        [estimate(still, model, "video", 1, fps) for still in stills],
        estimate(cut, model, "video", 1, fps),
        estimate(moving, model, "video", 1, fps),
    )
    unseen = BODY[np.mean([item.world[BODY, 3] for item in raw.hidden], axis=0) < 0.5]

    rows: list[tuple[str, Make, Tracks]] = [("raw", None, raw)]
    rows += [(f"raw + {kind}", make, raw) for kind, make in FILTERS.items()]
    rows += [("raw + one-euro, hidden trusted alike", OneEuro, raw), ("engine", None, engine)]
    rows += [(f"engine + {kind}", make, engine) for kind, make in FILTERS.items()]
    if options.sweep:
        rows = sweep(raw)
    print(f"{model}, {fps:g} fps, {len(STILL_PICTURES)} still pictures, {len(unseen)} hidden landmarks\n")
    print("| smoothing | jitter mm | step mm | hidden mm | lag ms | swing % | cost us |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    least = streamer.filter.MIN_TRUST
    for name, make, tracks in rows:
        streamer.filter.MIN_TRUST = 1.0 if name.endswith("alike") else least  # type: ignore[misc]
        places = [world(smooth(make, still, fps, aspect), BODY) for still in tracks.still]
        tremble = np.mean([(jitter(still), rms(np.diff(still, axis=0))) for still in places], axis=0)
        hidden = world(smooth(make, tracks.hidden, fps, cut_aspect), unseen)
        behind, amplitude = lag(reference, world(smooth(make, tracks.turned, fps, aspect), ENDS), fps)
        spent = f"{cost_us(make, tracks.turned, fps):.0f}" if make is not None else "-"
        figures = f"{tremble[0]:.1f} | {tremble[1]:.1f} | {jitter(hidden):.1f}"
        print(f"| {name} | {figures} | {behind:.0f} | {amplitude:.0f} | {spent} |", flush=True)


if __name__ == "__main__":
    main()
