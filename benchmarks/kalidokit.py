"""Our solver and the npm package Kalidokit on the same landmarks: how far each bone's rotation is from the truth.

    npm ci --prefix benchmarks/kalidokit
    python -m benchmarks.kalidokit

The poses are those of humanoid.py, whose rotations are known: its motions at 30 fps, and random poses, each solved by
itself. The picture is 640x480 and all landmarks are visible. Without noise, and with normal noise of 10 mm along each
axis.

- Rotation: the mean angle in degrees between a bone's local rotation and the true one, as set on an avatar's bone.
- Direction: the mean angle between where a bone points in space and where it truly does, with all bones above it as the
  same solver has them; of hips and spine the line across the body, of a hand the middle of index and little finger.
  Only this is fair to a bone that makes up for its parent's error.

Ours is not smoothed (`smooth=False`), as Kalidokit doesn't smooth either; "smoothed" is ours as served. Kalidokit gets
what its documentation asks for: world landmarks in MediaPipe's axes, landmarks in the picture, the picture's size, legs
on. What it says is set on the avatar as in its demo (docs/script.js of its repository), without the demo's easing and
dampening: Euler angles in the order XYZ, of a VRM 0.x avatar that is the person's mirror image. That is "demo" below.

So that nobody can say that we held it wrong, every other way to hold it is tried too, 384 to 768 a bone: the left
side's result on the person's left or right, each axis with either sign, all orders of Euler angles, the picture
mirrored or not, the demo's dampening of hips and spine or none, a hand with all its angles or, as in the demo, the one
about z alone, and landmarks lifted so that its check for hands below the picture never resets an arm. "Kalidokit" is,
for each bone by itself and for each measure and noise, the way with the lowest mean error of all, which can only be
known to who knows the truth.
"""

import itertools
import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.humanoid import (
    FPS,
    HORIZONTAL_FOV_DEG,
    MOTIONS,
    add_noise,
    in_space,
    landmarks,
    project,
    random_pose,
    t_pose,
)
from protocol.skeleton import LANDMARKS, PARENTS
from streamer.engine.base import Detection
from streamer.solver.kinematics import INDEX
from streamer.solver.quaternion import about, angle_between, matrix, multiply
from streamer.solver.root import Camera
from streamer.solver.solver import PersonSolver

Array = NDArray[np.float64]

FOLDER: Final = Path(__file__).parent / "kalidokit"
ASPECT: Final = 640 / 480
NOISES_M: Final = (0.0, 0.01)
RANDOM_POSES: Final = 500
RANDOM: Final = "random poses"

SHARED: Final = (
    "hips", "spine", "leftUpperArm", "leftLowerArm", "leftHand", "rightUpperArm", "rightLowerArm", "rightHand",
    "leftUpperLeg", "leftLowerLeg", "rightUpperLeg", "rightLowerLeg",
)  # fmt: skip
"""The bones that both solvers give, in the order of solve.mjs; parents before their children."""
ORDERS: Final = ("XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX")
SIGNS: Final = tuple(itertools.product((1.0, -1.0), repeat=3))
FULL: Final = (1.0, 1.0, 1.0)
DAMPENED: Final = {"hips": (0.7,) * 3, "spine": (0.45,) * 3, "leftHand": (0.0, 0.0, 1.0), "rightHand": (0.0, 0.0, 1.0)}
"""What the demo sets of the angles it got."""
CHEST_SHARE: Final = 0.25 / 0.45
"""Where it dampens the spine it gives the chest this much of the spine's angles."""


class Poses(NamedTuple):
    """Poses whose rotations are known, and where the hips are."""

    bones: Array
    root: Array
    alone: bool = False
    """Each a person never seen before, instead of a motion."""


class Seen(NamedTuple):
    """What a camera sees of poses: (N, 33, 3) each, as `Detection` has them."""

    world: Array
    image: Array


class Way(NamedTuple):
    """How to hold Kalidokit for one bone."""

    mirrored: bool = False
    """The picture, as a selfie camera's: left and right change places in it."""
    lifted: bool = False
    swapped: bool = True
    """The person's left bone gets the avatar's right one."""
    order: str = "XYZ"
    signs: tuple[float, float, float] = (-1.0, -1.0, 1.0)
    """Of the angles: VRM 0.x faces the other way than VRM 1.0, and the avatar is a mirror image."""
    scale: tuple[float, float, float] = FULL


class Result(NamedTuple):
    """Errors in degrees, (N,) for each bone."""

    rotation: dict[str, Array]
    direction: dict[str, Array]


class Comparison(NamedTuple):
    """All results on the same landmarks, and the ways to hold Kalidokit that they rest on."""

    ours: Result
    smoothed: Result
    demo: Result
    best: Result
    ways: dict[str, Way]


def twin(name: str) -> str:
    """The name on the other side of a bone or landmark; one in the middle is its own."""
    other = {"left": "right", "right": "left"}
    return next((name.replace(side, other[side]) for side in other if side in name), name)


TWINS: Final = [LANDMARKS.index(twin(name)) for name in LANDMARKS]


def all_poses(seconds: float | None = None, count: int = RANDOM_POSES) -> dict[str, Poses]:
    """The generator's motions, or `seconds` of each, and random poses three and a half metres from the camera."""
    frames = None if seconds is None else round(seconds * FPS)
    poses = {name: Poses(*(part[:frames] for part in motion())) for name, motion in MOTIONS.items()}
    bones = random_pose(np.random.default_rng(0), count)
    return poses | {RANDOM: Poses(bones, np.tile([0.0, -0.2, -3.5], (count, 1)), alone=True)}


def see(poses: Poses, noise_m: float, rng: np.random.Generator) -> Seen:
    points = add_noise(landmarks(poses.bones, poses.root), noise_m, rng)
    return Seen(points - points[:, 23:25].mean(axis=1, keepdims=True), project(points, ASPECT))


def solve_ours(poses: Poses, seen: Seen, smooth: bool) -> Array:
    """(N, B, 4) local rotations."""
    solver = PersonSolver(Camera(HORIZONTAL_FOV_DEG), smooth)
    bones = []
    for index, points in enumerate(zip(seen.image, seen.world, strict=True)):
        if poses.alone:
            solver = PersonSolver(Camera(HORIZONTAL_FOV_DEG), smooth)
        image, world = (np.column_stack([part, np.ones(len(part))]).astype(np.float32) for part in points)
        bones.append(solver.solve(Detection(image, world, 1.0), round((index + 1) / FPS * 1e6), ASPECT).bones)
    return np.array(bones, np.float64)


def solve_kalidokit(seen: Seen, mirrored: bool, lifted: bool) -> Array:
    """(N, len(SHARED), 3) Euler angles in radians as Kalidokit gives them."""
    world, image = seen.world * [1.0, -1.0, -1.0], seen.image.copy()
    if mirrored:
        world, image = world[:, TWINS] * [-1.0, 1.0, 1.0], image[:, TWINS]
        image[..., 0] = 1 - image[..., 0]
    if lifted:
        world = world - [0.0, 10.0, 0.0]
    lines = (json.dumps({"world": w, "image": i}) for w, i in zip(world.tolist(), image.tolist(), strict=True))
    if not (FOLDER / "node_modules").is_dir():
        raise SystemExit("no node_modules; run: npm ci --prefix benchmarks/kalidokit")
    command = ["node", str(FOLDER / "solve.mjs")]
    output = subprocess.run(command, input="\n".join(lines), stdout=subprocess.PIPE, text=True, check=True).stdout
    # An elbow that is exactly straight gives NaN, by rounding (the arc cosine of less than -1), instead of 0.
    return np.nan_to_num(np.array([json.loads(line) for line in output.splitlines()], np.float64))


def from_euler(angles: Array, order: str) -> Array:
    """(N, 4) rotation of (N, 3) angles about x, y and z, the last of `order` done first."""
    turns = [about(axis, angles[:, i]) for i, axis in enumerate(np.eye(3))]
    first, second, third = (turns["XYZ".index(axis)] for axis in order)
    return multiply(multiply(first, second), third)


def degrees(a: Array, b: Array) -> Array:
    return np.degrees(angle_between(a, b))


def pointing(bone: str, rotations: Array) -> Array:
    """(N, 3) where a bone turned so in space points."""
    axis = [0.0, -1.0, 0.0] if "Leg" in bone else [-1.0, 0.0, 0.0] if bone.startswith("right") else [1.0, 0.0, 0.0]
    return matrix(rotations) @ np.array(axis)


def apart(a: Array, b: Array) -> Array:
    """Degrees between unit vectors."""
    return np.degrees(2 * np.arctan2(np.linalg.norm(a - b, axis=-1), np.linalg.norm(a + b, axis=-1)))


def errors(bones: Array, truth: Array) -> Result:
    ours, true = in_space(bones), in_space(truth)
    rotation, direction = {}, {}
    for bone in SHARED:
        i = INDEX[bone]
        rotation[bone] = degrees(bones[:, i], truth[:, i])
        direction[bone] = apart(pointing(bone, ours[:, i]), pointing(bone, true[:, i]))
    return Result(rotation, direction)


def ways(bone: str) -> Iterator[Way]:
    """Every way to hold Kalidokit, that of its demo first."""
    yield Way()
    flags = (True, False)
    scales = (FULL, DAMPENED[bone]) if bone in DAMPENED else (FULL,)
    swaps = flags if bone != twin(bone) else (True,)
    for parts in itertools.product(flags, flags, swaps, ORDERS, SIGNS, scales):
        yield Way(*parts)


class Kalidokit:
    """What Kalidokit gives for landmarks, held in any way."""

    def __init__(self, seen: Seen) -> None:
        pairs = itertools.product((False, True), repeat=2)
        self._angles = {pair: solve_kalidokit(seen, *pair) for pair in pairs}

    def local(self, bone: str, way: Way) -> Array:
        """(N, 4) a bone's local rotations."""
        source = SHARED.index(twin(bone) if way.swapped else bone)
        angles = self._angles[way.mirrored, way.lifted][:, source]
        return from_euler(angles * way.signs * way.scale, way.order)

    def bones(self, chosen: Mapping[str, Way]) -> Array:
        """(N, B, 4) local rotations, those that Kalidokit doesn't give at rest."""
        count = len(self._angles[False, False])
        bones = t_pose(count)
        for bone, way in chosen.items():
            bones[:, INDEX[bone]] = self.local(bone, way)
        if chosen["spine"].scale != FULL:
            scale = tuple(CHEST_SHARE * part for part in chosen["spine"].scale)
            bones[:, INDEX["chest"]] = self.local("spine", chosen["spine"]._replace(scale=scale))
        return bones


def best_result(kalidokit: Kalidokit, truth: Array) -> tuple[Result, dict[str, Way]]:
    """Each bone's errors in the way that has the lowest mean, and the ways for the rotations.

    A direction rests on the bones above: they are held as in the demo or so that their own rotations are best.
    """
    rotation, direction, chosen = {}, {}, {}
    for bone in SHARED:
        true = truth[:, INDEX[bone]]
        found = ((degrees(kalidokit.local(bone, way), true), way) for way in ways(bone))
        rotation[bone], chosen[bone] = min(found, key=lambda item: float(item[0].mean()))
    true_turned = in_space(truth)
    parents = [in_space(kalidokit.bones(way)) for way in ({bone: Way() for bone in SHARED}, chosen)]
    for bone in SHARED:
        i = INDEX[bone]
        aim = pointing(bone, true_turned[:, i])
        above = [turned[:, PARENTS[i]] for turned in parents] if PARENTS[i] >= 0 else [t_pose(len(truth))[:, 0]]
        found_directions = (
            apart((matrix(turned) @ pointing(bone, kalidokit.local(bone, way))[..., None])[..., 0], aim)
            for way in ways(bone)
            for turned in above
        )
        direction[bone] = min(found_directions, key=lambda item: float(item.mean()))
    return Result(rotation, direction), chosen


def compare(poses: Mapping[str, Poses], noise_m: float, seed: int = 1) -> Comparison:
    """All errors, frame by frame, one set of poses after the other."""
    rng = np.random.default_rng(seed)
    seen = {name: see(some, noise_m, rng) for name, some in poses.items()}
    truth = np.concatenate([some.bones for some in poses.values()])
    ours, smoothed = (
        errors(np.concatenate([solve_ours(poses[name], seen[name], smooth) for name in poses]), truth)
        for smooth in (False, True)
    )
    kalidokit = Kalidokit(Seen(*(np.concatenate(part) for part in zip(*seen.values(), strict=True))))
    demo = errors(kalidokit.bones({bone: Way() for bone in SHARED}), truth)
    return Comparison(ours, smoothed, demo, *best_result(kalidokit, truth))


def show(result: str, comparison: Comparison, groups: Mapping[str, slice]) -> None:
    """A table of one measure: means over everything, and ours and Kalidokit's for each motion."""
    ours, smoothed, demo, best = (getattr(kind, result) for kind in comparison[:4])
    print("| bone | ours | Kalidokit | ratio | smoothed | demo |", "".join(f" {name} |" for name in groups), sep="")
    print("|---|" + "---:|" * (5 + len(groups)))
    for bone in SHARED:
        mean, other = ours[bone].mean(), best[bone].mean()
        cells = [f"{ours[bone][part].mean():.1f} / {best[bone][part].mean():.1f}" for part in groups.values()]
        figures = (
            f"{mean:.1f} | {other:.1f} | {mean / other:.2f} | {smoothed[bone].mean():.1f} | {demo[bone].mean():.1f}"
        )
        print(f"| {bone} | {figures} | {' | '.join(cells)} |")
    below = [bone for bone in SHARED if ours[bone].mean() < best[bone].mean() / 2]
    print(f"\nOurs below half of Kalidokit's: {len(below)} of {len(SHARED)} bones\n")


def describe(way: Way) -> str:
    sides = "other side" if way.swapped else "same side"
    signs = "".join("+-"[sign < 0] + axis for sign, axis in zip(way.signs, "xyz", strict=True))
    scale = "" if way.scale == FULL else f", times {way.scale}"
    extra = ", picture mirrored" * way.mirrored + ", lifted" * way.lifted
    return f"{sides}, {way.order}, {signs}{scale}{extra}"


def main() -> None:
    poses = all_poses()
    ends = np.cumsum([0, *(len(some.bones) for some in poses.values())])
    groups = {name: slice(*ends[i : i + 2]) for i, name in enumerate(poses)}
    print(f"{ends[-1]} poses; means in degrees; last columns: ours / Kalidokit\n")
    for noise_m in NOISES_M:
        comparison = compare(poses, noise_m)
        for measure in Result._fields:
            print(f"{measure.capitalize()}, noise {noise_m * 1000:g} mm\n")
            show(measure, comparison, groups)
        print("Best for Kalidokit:\n")
        for bone, way in comparison.ways.items():
            print(f"- {bone}: {describe(way)}")
        print(flush=True)


if __name__ == "__main__":
    main()
