"""How true the solver is: `python -m benchmarks.solver [--only poses|motions|feet|clip|cost]`.

poses: random poses of a humanoid whose joint rotations are known (humanoid.py), each solved alone. motions: the same in
motion, at 30 frames a second, with and without smoothing (One Euro of the landmarks, then of the rotations, as
`posewire serve` does). Errors are angles in degrees between the true local rotation and the solved one. feet: walks
with and without the foot lock. clip: the demo clip, twice over, where no truth is known: bone lengths, sliding feet and
turning hips. cost: microseconds a person and frame.
"""

import argparse
import time
from collections.abc import Iterator
from typing import Final

import numpy as np

from benchmarks.humanoid import (
    FPS,
    HORIZONTAL_FOV_DEG,
    MOTIONS,
    OWN_REST,
    Array,
    add_noise,
    landmarks,
    project,
    random_pose,
    walk,
    walk_away,
    walk_toward,
)
from protocol.skeleton import BONES
from streamer.body import Body
from streamer.engine.base import Detection
from streamer.engine.mediapipe import MediaPipeEngine
from streamer.filter import Smoother
from streamer.settings import Smoothing
from streamer.solver import PersonSolver, joint_angles
from streamer.solver.kinematics import INDEX, forward
from streamer.solver.proportions import SEGMENTS
from streamer.solver.quaternion import angle_between
from streamer.solver.root import Camera
from streamer.source.video import demo

NOISES_MM: Final = (0, 10, 30)
POSES: Final = 500
ASPECT: Final = 16 / 9
FEET: Final = [INDEX["leftFoot"], INDEX["rightFoot"]]
SHOWN: Final = [bone for bone in BONES if "Shoulder" not in bone]


def detections(bones: Array, root: Array, noise_m: float, rng: np.random.Generator) -> Iterator[Detection]:
    """What an engine would give: world landmarks about the hips, and where they are seen."""
    points = landmarks(bones, root)
    images = project(points, ASPECT)
    worlds = add_noise(points - points[:, 23:25].mean(axis=1, keepdims=True), noise_m, rng)
    # A millimetre in the picture is as many times less as the person is far; noise there is of the same kind.
    images[..., :2] += rng.normal(0.0, noise_m / 4, images[..., :2].shape) / 3.0
    seen = np.ones((*points.shape[:-1], 1))
    for image, world in zip(np.concatenate([images, seen], -1), np.concatenate([worlds, seen], -1), strict=True):
        yield Detection(image.astype(np.float32), world.astype(np.float32), 1.0)


def person(smooth: bool = True, lock: bool = True) -> PersonSolver:
    solver = PersonSolver(Camera(HORIZONTAL_FOV_DEG), smooth)
    if not lock:
        solver._stander._feet._hold_anchors = lambda raw, dt_s: None  # type: ignore[method-assign]
    return solver


def solve(frames: Iterator[Detection], smooth: bool, lock: bool = True) -> list[Body]:
    smoother = Smoother(Smoothing("one-euro" if smooth else "none"))
    solver = person(smooth, lock)
    bodies = []
    for index, frame in enumerate(frames):
        t_us = round(index * 1e6 / FPS)
        [(_, found)] = smoother.apply([(1, frame)], t_us, ASPECT)
        bodies.append(solver.solve(found, t_us, ASPECT))
    return bodies


def degrees(truth: Array, bodies: list[Body]) -> Array:
    """(frames, B) angles between true and solved local rotations."""
    return np.degrees(angle_between(truth, np.array([body.bones for body in bodies], float)))


def by_bone(title: str, columns: dict[str, Array]) -> None:
    """A table of medians, left and right together."""
    print(f"\n{title}\n\n| bone | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
    for bone in [bone for bone in SHOWN if not bone.startswith("right")]:
        pair = [INDEX[bone]] + ([INDEX["right" + bone[4:]]] if bone.startswith("left") else [])
        cells = [f"{np.median(error[:, pair]):.2f}" for error in columns.values()]
        name = bone.removeprefix("left")
        print(f"| {name[0].lower() + name[1:]} | {' | '.join(cells)} |")


def measure_poses() -> None:
    rng = np.random.default_rng(1)
    truth = random_pose(rng, POSES)
    root = np.tile([0.0, 0.0, -3.0], (POSES, 1))
    columns = {}
    for noise in NOISES_MM:
        bodies = [solve(iter([frame]), False)[0] for frame in detections(truth, root, noise / 1000, rng)]
        columns[f"{noise} mm"] = degrees(truth, bodies)
    by_bone(f"Random poses, {POSES}, each solved alone: median error in degrees at a noise of", columns)


def measure_motions() -> None:
    columns: dict[str, list[Array]] = {}
    steps = []
    for name, motion in MOTIONS.items():
        truth, root = motion()
        moved = np.degrees(angle_between(truth[1:], truth[:-1])).max()
        row = [name, f"{moved:.1f}"]
        for noise in NOISES_MM:
            for smooth in (False, True):
                bodies = solve(detections(truth, root, noise / 1000, np.random.default_rng(2)), smooth)
                columns.setdefault(f"{noise} mm{', smoothed' if smooth else ''}", []).append(degrees(truth, bodies))
                turns = np.array([body.bones for body in bodies], float)
                row.append(f"{np.degrees(angle_between(turns[1:], turns[:-1])).max():.1f}")
        steps.append(row)
    by_bone(
        "Motions: median error in degrees at a noise of",
        {name: np.concatenate(errors) for name, errors in columns.items()},
    )
    print("\nLargest turn of any bone from one frame to the next, in degrees\n")
    print(f"| motion | truth | {' | '.join(columns)} |\n|---|{'---:|' * (len(columns) + 1)}")
    for row in steps:
        print(f"| {' | '.join(row)} |")


def measure_feet() -> None:
    print(
        "\nWalks, smoothed, at a noise of 3 mm\n\n| walk | lock | mean error of feet, cm | largest step, cm | truth "
        "| slide in contact, mm/s | false contact | missed contact |"
    )
    print(f"|---|---|{'---:|' * 6}")
    for name, motion in (("across", walk), ("toward", walk_toward), ("away", walk_away)):
        bones, root = motion()
        truth = forward(bones, root, OWN_REST)[0][:, FEET]
        moved = np.linalg.norm(np.diff(truth, axis=0, prepend=truth[:1]), axis=-1)
        stands = moved * FPS < 0.05
        for lock in (False, True):
            bodies = solve(detections(bones, root, 0.003, np.random.default_rng(0)), True, lock)
            found = ankles(bodies)
            contact = np.array([body.contact for body in bodies])
            cells = [
                f"{np.linalg.norm(found - truth, axis=-1).mean() * 100:.1f}",
                f"{np.linalg.norm(np.diff(found, axis=0), axis=-1).max() * 100:.1f}",
                f"{moved.max() * 100:.1f}",
                f"{slide(bodies, FPS):.0f}",
                f"{contact[~stands].mean():.0%}",
                f"{(~contact)[stands].mean():.0%}",
            ]
            print(f"| {name} | {'with' if lock else 'without'} | {' | '.join(cells)} |")


def measure_clip() -> None:
    print("\nDemo clip, 60 frames a second, played twice\n")
    print(
        "| model | bone length spread before | after | a foot stands | foot slide without lock, mm/s | with lock "
        "| frames not believed | largest turn of the hips in a frame, degrees |"
    )
    print(f"|---|{'---:|' * 7}")
    for model in ("lite", "full", "heavy"):
        engine = MediaPipeEngine(model)
        found: list[Detection] = []
        for _ in range(2):
            source = demo()
            info = source.open()
            while (picture := source.read()) is not None:
                found += engine.estimate(picture, round(len(found) * 1e6 / info.fps))[:1]
        engine.close()
        points = np.array([detection.world[:, :3] for detection in found], float)
        pairs = np.concatenate(list(SEGMENTS.values()))
        before = spread(np.linalg.norm(points[:, pairs[:, 0]] - points[:, pairs[:, 1]], axis=-1))
        slides = []
        for lock in (False, True):
            solver = person(lock=lock)
            bodies = [
                solver.solve(seen, round(i * 1e6 / info.fps), info.width / info.height) for i, seen in enumerate(found)
            ]
            slides.append(slide(bodies, info.fps))
        after = spread(np.linalg.norm([body.rest for body in bodies[len(bodies) // 2 :]], axis=-1))
        standing = np.mean([any(body.contact) for body in bodies])
        doubted = np.mean([len(body.held) == len(BONES) for body in bodies])
        hips = np.array([body.bones[0] for body in bodies], float)
        turned = np.degrees(angle_between(hips[1:], hips[:-1])).max()
        slid = f"{slides[0]:.0f} | {slides[1]:.0f}" if standing else "- | -"
        print(f"| {model} | {before:.1%} | {after:.2%} | {standing:.0%} | {slid} | {doubted:.0%} | {turned:.1f} |")


def spread(lengths: Array) -> float:
    """Mean over all bones of standard deviation / mean in time."""
    return float((lengths.std(axis=0) / lengths.mean(axis=0)).mean())


def ankles(bodies: list[Body]) -> Array:
    """(frames, 2, 3) where the solved body's left and right foot are, metres from the camera."""
    bones, root, rest = (np.array([getattr(b, name) for b in bodies], float) for name in ("bones", "root", "rest"))
    return forward(bones, root, rest)[0][:, FEET]


def slide(bodies: list[Body], fps: float) -> float:
    """Mean speed in mm/s of the ankles of feet that stand, in the solved body."""
    standing = np.array([body.contact for body in bodies])
    speeds = np.linalg.norm(np.diff(ankles(bodies), axis=0), axis=-1) * fps * 1000
    return float(speeds[standing[1:] & standing[:-1]].mean())


def measure_cost() -> None:
    truth, root = MOTIONS["walk"]()
    frames = list(detections(truth, root, 0.005, np.random.default_rng(3)))
    solver = PersonSolver(Camera(HORIZONTAL_FOV_DEG))
    times = []
    for index in range(20 * len(frames)):
        start = time.perf_counter()
        solver.solve(frames[index % len(frames)], round((index + 1) * 1e6 / FPS), ASPECT)
        times.append(time.perf_counter() - start)
    angles = []
    for frame in frames:
        start = time.perf_counter()
        joint_angles(frame.world)
        angles.append(time.perf_counter() - start)
    print("\n| a person and frame | median, us | 95th percentile, us |\n|---|---:|---:|")
    for name, taken in (("solver", times), ("joint angles", angles)):
        print(f"| {name} | {np.median(taken) * 1e6:.0f} | {np.percentile(taken, 95) * 1e6:.0f} |")


def main() -> None:
    parts = {"poses": measure_poses, "motions": measure_motions, "feet": measure_feet}
    parts |= {"clip": measure_clip, "cost": measure_cost}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=parts)
    only = parser.parse_args().only
    for name, measure in parts.items():
        if only in (None, name):
            measure()


if __name__ == "__main__":
    main()
