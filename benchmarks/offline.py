"""Smoothing a whole take against smoothing it live, and how fast a video becomes a file.

    python -m benchmarks.offline [--model lite|full|heavy] [--seconds 20]

Four tables:

- Known truth: a humanoid (benchmarks.humanoid) whose landmarks get white noise (standard deviation NOISE_M for each
  coordinate in the world, as much of the body in the picture), and in the second part jumps of JUMP_M in 3 of 100
  landmarks. `error`: RMS distance of a world landmark from the truth. `jitter`: RMS of that distance's second
  difference from frame to frame, which is what an eye sees as trembling. `lag`: the shift in time at which wrists and
  ankles fit the truth best. `turn`, `turn jitter`: RMS error of the bones' rotations, and of its step from frame to
  frame. `root jitter`: as jitter, of the hips' place in space.
- Real pictures: a still person and one who is turned to and fro, as benchmarks.smoothing makes and measures them.
- The clip: landmarks of the embedded clip; `jitter` as above, but with the motion's own.
- Speed: `posewire export VIDEO --to bvh` as a whole process, the clip repeated to so many seconds, as a multiple of
  real time. Before all that: what smoothing and solving alone take, of an hour.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks import smoothing
from benchmarks.humanoid import HORIZONTAL_FOV_DEG, MOTIONS
from streamer.engine.base import Detection
from streamer.engine.engines import Engines
from streamer.offline.estimate import Wish, estimate
from streamer.settings import MODELS, Settings
from streamer.solver.quaternion import angle_between
from streamer.source.video import DEMO_CLIP
from streamer.take.refilter import parse_choice, refilter
from streamer.take.smooth import smooth_landmarks
from streamer.take.take import Take, Track
from tests.takes import FPS, SIZE, make_take

ASPECT = SIZE[0] / SIZE[1]
FILTERS = ("none", "one-euro", "kalman", "moving-average", "offline")
NOISE_M = 0.012
JUMP_M, JUMPS = 0.1, 0.03
ENDS = [15, 16, 27, 28]  # wrists and ankles
SETTLE = 15
CLIP_FPS = 60.0


def noisy(track: Track, jumps: float, seed: int) -> Track:
    rng = np.random.default_rng(seed)
    shape = track.world[..., :3].shape
    jumping = rng.random(shape[:2]) < jumps
    error = rng.normal(size=shape) * NOISE_M + rng.normal(size=shape) * JUMP_M * jumping[..., None]
    # In the picture as large as it is on the body; there the hips' width says how large that is.
    hips = track.image[:, [23, 24], :2] * [ASPECT, 1]
    metre = np.linalg.norm(hips[:, 0] - hips[:, 1], axis=-1) / np.linalg.norm(
        track.world[:, 23, :3] - track.world[:, 24, :3], axis=-1
    )
    metre = np.maximum(metre, np.median(metre))  # who stands sideways hasn't shrunk
    image, world = track.image.copy(), track.world.copy()
    world[..., :3] += error
    image[..., :3] += error * [1, -1, -1] * metre[:, None, None] / [ASPECT, 1, ASPECT]
    return replace(track, image=image, world=world, image_raw=image, world_raw=world)


def rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.square(values, dtype=float).sum(axis=-1).mean()))


def lag_ms(track: Track, truth: Track) -> float:
    t_s = (truth.t_us - truth.t_us[0]) / 1e6
    lines = truth.world[:, ENDS, :3].reshape(len(t_s), -1)
    found = track.world[:, ENDS, :3].reshape(len(t_s), -1)
    shifts = np.arange(-0.06, 0.1201, 0.001)
    inner = slice(SETTLE, -SETTLE)
    errors = [
        np.square(np.stack([np.interp(t_s - shift, t_s, line) for line in lines.T], -1) - found)[inner].mean()
        for shift in shifts
    ]
    return float(shifts[int(np.argmin(errors))] * 1000)


def figures(take: Take, truth: Track) -> list[float]:
    track, inner = take.tracks[1], slice(SETTLE, -3)
    assert track.bones is not None
    assert truth.bones is not None
    assert track.root is not None
    assert truth.root is not None
    error = (track.world - truth.world)[inner, 11:, :3] * 1000
    turns, exact = track.bones[inner].astype(float), truth.bones[inner].astype(float)
    steps = angle_between(turns[1:], turns[:-1]) - angle_between(exact[1:], exact[:-1])
    return [
        rms(error),
        rms(np.diff(error, 2, axis=0)),
        lag_ms(track, truth),
        float(np.degrees(np.sqrt(np.square(angle_between(exact, turns)).mean()))),
        float(np.degrees(np.sqrt(np.square(steps).mean()))),
        rms(np.diff((track.root - truth.root)[inner] * 1000, 2, axis=0)),
    ]


def known_truth() -> None:
    moves = ("walk", "squat", "arm circle", "turn")
    for jumps in (0.0, JUMPS):
        print(f"\n{', '.join(moves)}; noise {NOISE_M * 1000:g} mm, jumps in {jumps * 100:g} of 100 landmarks\n")
        print("| filter | error mm | jitter mm | lag ms | turn deg | turn jitter deg | root jitter mm |")
        print("|---|---:|---:|---:|---:|---:|---:|")
        for name in FILTERS:
            rows = []
            for seed, move in enumerate(moves):
                take = make_take(MOTIONS[move])
                truth = take.tracks[1]
                take.tracks[1] = noisy(truth, jumps, seed)
                rows.append(figures(refilter(take, parse_choice(name), HORIZONTAL_FOV_DEG), truth))
            error, jitter, lag, turn, shake, root = np.mean(rows, axis=0)
            print(
                f"| {name} | {error:.1f} | {jitter:.1f} | {lag:.0f} | {turn:.1f} | {shake:.2f} | {root:.1f} |",
                flush=True,
            )


def as_track(detections: Sequence[Detection], fps: float) -> Track:
    image, world = (np.array([getattr(one, name) for one in detections]) for name in ("image", "world"))
    t_us = np.round(np.arange(len(detections)) * 1e6 / fps).astype(np.int64)
    return Track(1, t_us, np.ones(len(detections), np.float32), image, world, image, world)


def real_pictures(model: str, fps: float = 30) -> None:
    clip = smoothing.read_clip()
    picture = clip[smoothing.TURNED_PICTURE]
    aspect = picture.shape[1] / picture.shape[0]
    moving = smoothing.noisy(smoothing.turned(picture, fps))
    stills = [smoothing.noisy([clip[index]] * smoothing.FRAMES) for index in smoothing.STILL_PICTURES]
    reference = smoothing.world(smoothing.estimate(moving, model, "image", 1, fps), smoothing.ENDS)
    still_raw = [smoothing.estimate(smoothing.doubled(still), model, "video", 2, fps) for still in stills]
    turned_raw = smoothing.estimate(smoothing.doubled(moving), model, "video", 2, fps)

    def offline(detections: list[Detection]) -> list[Detection]:
        track = smooth_landmarks(as_track(detections, fps), aspect)
        return [Detection(image, world, 1.0) for image, world in zip(track.image, track.world, strict=True)]

    print(
        f"\n{model}, {fps:g} fps\n\n| smoothing | jitter mm | step mm | lag ms | swing % |\n|---|---:|---:|---:|---:|"
    )
    for name in ("raw", *smoothing.FILTERS, "offline"):

        def smooth(detections: list[Detection], name: str = name) -> list[Detection]:
            if name == "offline":
                return offline(detections)
            return smoothing.smooth(smoothing.FILTERS.get(name), detections, fps, aspect)

        places = [smoothing.world(smooth(still), smoothing.BODY) for still in still_raw]
        tremble = [np.mean([smoothing.jitter(p) for p in places]), np.mean([rms(np.diff(p, axis=0)) for p in places])]
        behind, swing = smoothing.lag(reference, smoothing.world(smooth(turned_raw), smoothing.ENDS), fps)
        print(f"| {name} | {tremble[0]:.1f} | {tremble[1]:.1f} | {behind:.0f} | {swing:.0f} |", flush=True)


def of_the_clip(engines: Engines) -> None:
    print(f"\n{engines.name}\n\n| model | " + " | ".join(FILTERS) + " |\n|---|" + "---:|" * len(FILTERS))
    for model in MODELS:
        raw = estimate(DEMO_CLIP, engines, Wish(Settings(model), parse_choice("none")), lambda done, total: None)
        shakes = []
        for name in FILTERS:
            track = refilter(raw, parse_choice(name), HORIZONTAL_FOV_DEG).tracks[1]
            shakes.append(rms(np.diff(track.world[:, 11:, :3] * 1000, 2, axis=0)))
        print(f"| {model} | " + " | ".join(f"{shake:.1f}" for shake in shakes) + " |", flush=True)


def repeated(path: Path, seconds: float) -> float:
    """Write the clip to and fro, `seconds` long or a little longer; how long."""
    clip = smoothing.read_clip()
    there_and_back = clip + clip[-2:0:-1]
    rounds = max(round(seconds * CLIP_FPS / len(there_and_back)), 1)
    height, width = clip[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), CLIP_FPS, (width, height))
    for picture in there_and_back * rounds:
        writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    writer.release()
    return len(there_and_back) * rounds / CLIP_FPS


def speeds(seconds: float) -> Iterator[tuple[str, str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "clip.mp4"
        length_s = repeated(video, seconds)
        for engine in ("openvino", "mediapipe"):
            for model in MODELS:
                out = Path(folder) / f"{engine}-{model}.bvh"
                command = [sys.executable, "-m", "streamer", "export", str(video), "--to", "bvh", "--engine", engine]
                start_s = time.perf_counter()
                subprocess.run(
                    [*command, "--model", model, "--output", str(out)], check=True, stdout=subprocess.DEVNULL
                )
                yield engine, model, length_s / (time.perf_counter() - start_s)


def speed(seconds: float) -> None:
    print(f"\n`posewire export VIDEO --to bvh`, {CLIP_FPS:g} fps, 720x1280, about {seconds:g} s\n")
    print("| engine | model | x real time | frames/s |\n|---|---|---:|---:|")
    for engine, model, multiple in speeds(seconds):
        print(f"| {engine} | {model} | {multiple:.2f} | {multiple * CLIP_FPS:.0f} |", flush=True)


def an_hour() -> None:
    take = make_take()
    track = take.tracks[1]
    rounds = round(3600 * FPS / len(track.t_us))
    long = as_track([Detection(track.image[n], track.world[n], 1.0) for n in range(len(track.t_us))] * rounds, FPS)
    before_mb = peak_mb()
    start_s = time.perf_counter()
    refilter(replace(take, t_us=long.t_us, tracks={1: long}), "offline", HORIZONTAL_FOV_DEG)
    spent_s = time.perf_counter() - start_s
    print(f"\nsmoothing and solving an hour at {FPS:g} fps: {spent_s:.0f} s, peak {peak_mb() - before_mb:.0f} MB more")


def peak_mb() -> float:
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="full", choices=MODELS, help="of the real pictures")
    parser.add_argument("--seconds", type=float, default=20, help="of the video whose speed is measured")
    options = parser.parse_args()
    an_hour()
    known_truth()
    real_pictures(options.model)
    of_the_clip(Engines("auto"))
    speed(options.seconds)


if __name__ == "__main__":
    main()
