"""A humanoid whose joint rotations are known: poses it, moves it, and gives the landmarks that a camera would see.

It has bones of its own lengths (not those of protocol/skeleton.json) and draws its angles from the ranges of the
American Academy of Orthopaedic Surgeons (1965). Only rotations that points can show are drawn: spine and chest turn and
bend sideways alike, neck and head alike, elbows and knees are hinges, forearms twist and hands swing.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import BONES, LANDMARKS, PARENTS, REST
from streamer.solver.kinematics import INDEX, forward
from streamer.solver.quaternion import IDENTITY, about, from_vector, multiply

Array = NDArray[np.float64]
X, Y, Z = np.eye(3)
FPS: Final = 30
HORIZONTAL_FOV_DEG: Final = 65.0
CAMERA_HEIGHT_M: Final = 1.2

STRETCH: Final = {
    "Shoulder": 1.1,
    "UpperArm": 0.95,
    "LowerArm": 1.07,
    "Hand": 0.93,
    "UpperLeg": 0.9,
    "LowerLeg": 1.05,
    "Foot": 0.97,
}
"""Bone lengths as multiples of those of skeleton.json: another person than the one in the book."""


def _rest() -> Array:
    rest = np.array(REST)
    for bone, index in INDEX.items():
        rest[index] *= STRETCH.get(bone.removeprefix("left").removeprefix("right"), 1.0)
    return rest


OWN_REST: Final = _rest()

_FACE: Final = {  # in the head's axes, from the head joint
    "nose": (0.0, 0.05, 0.135),
    "left_eye_inner": (0.016, 0.085, 0.095),
    "left_eye": (0.032, 0.085, 0.093),
    "left_eye_outer": (0.045, 0.085, 0.083),
    "left_ear": (0.0725, 0.065, 0.015),
    "mouth_left": (0.025, 0.01, 0.11),
}
_HAND: Final = {"index": (0.09, 0.0, 0.022), "pinky": (0.075, 0.0, -0.022), "thumb": (0.04, -0.01, 0.035)}
_FOOT: Final = {"heel": (0.0, -0.07, -0.05), "foot_index": (0.0, -0.07, 0.14)}
_JOINTS: Final = {
    "shoulder": "UpperArm",
    "elbow": "LowerArm",
    "wrist": "Hand",
    "hip": "UpperLeg",
    "knee": "LowerLeg",
    "ankle": "Foot",
}


def _markers() -> tuple[NDArray[np.intp], Array]:
    """For each landmark the bone it is fixed to and where on it."""
    bones, offsets = np.zeros(len(LANDMARKS), int), np.zeros((len(LANDMARKS), 3))
    for index, name in enumerate(LANDMARKS):
        side = "right" if "right" in name else "left"
        mirror = np.array([-1.0 if side == "right" else 1.0, 1.0, 1.0])
        part = name.replace("left_", "").replace("right_", "")
        if part in _JOINTS:
            bones[index] = INDEX[side + _JOINTS[part]]
        elif part in _HAND or part in _FOOT:
            bones[index] = INDEX[side + ("Hand" if part in _HAND else "Foot")]
            offsets[index] = mirror * (_HAND | _FOOT)[part]
        else:
            bones[index] = INDEX["head"]
            offsets[index] = mirror * _FACE[name.replace("right", "left")]
    return bones, offsets


MARKER_BONES, MARKER_OFFSETS = _markers()


def landmarks(bones: Array, root: Array | None = None, rest: Array = OWN_REST) -> Array:
    """(..., 33, 3) landmarks in metres of bones (..., B, 4); without `root` (..., 3) the hips are the origin."""
    root = np.zeros((*bones.shape[:-2], 3)) if root is None else root
    positions, rotations = forward(bones, root, rest)
    offsets = (rotations[..., MARKER_BONES, :, :] @ MARKER_OFFSETS[..., None])[..., 0]
    return np.asarray(positions[..., MARKER_BONES, :] + offsets)


def in_space(bones: Array) -> Array:
    """(N, B, 4) rotations in space of local ones."""
    turned = bones.copy()
    for bone, parent in enumerate(PARENTS):
        if parent >= 0:
            turned[:, bone] = multiply(turned[:, parent], bones[:, bone])
    return turned


def project(points: Array, aspect: float) -> Array:
    """(..., 33, 3) as `image` has it, of points in the axes of the camera, which looks along -z."""
    focal = max(aspect, 1.0) / 2 / np.tan(np.radians(HORIZONTAL_FOV_DEG) / 2)  # in picture heights
    depth = -points[..., 2]
    x = 0.5 + focal * points[..., 0] / depth / aspect
    y = 0.5 - focal * points[..., 1] / depth
    middle = points[..., 23:25, 2].mean(axis=-1, keepdims=True)
    return np.stack([x, y, (middle - points[..., 2]) * focal / depth / aspect], axis=-1)


def set_bones(bones: Array, **rotations: Array) -> Array:
    """Bones with some rotations replaced, by name."""
    for name, rotation in rotations.items():
        bones[..., INDEX[name], :] = rotation
    return bones


def t_pose(count: int = 1) -> Array:
    """(count, B, 4) identities."""
    return np.tile(IDENTITY, (count, len(BONES), 1))


def random_pose(rng: np.random.Generator, count: int = 1) -> Array:
    """(count, B, 4) local rotations, drawn evenly within the ranges of joints."""

    def draw(low: float, high: float) -> Array:
        return np.radians(rng.uniform(low, high, count))

    bones = t_pose(count)
    turn = about(Y, np.radians(rng.uniform(-180, 180, count)))
    bones[:, 0] = multiply(turn, from_vector(np.stack([draw(-20, 45), 0 * turn[:, 0], draw(-20, 20)], axis=-1)))
    bend = from_vector(np.stack([np.zeros(count), draw(-20, 20), draw(-15, 15)], axis=-1))
    nod = from_vector(np.stack([draw(-20, 20), draw(-28, 28), draw(-20, 20)], axis=-1))
    set_bones(bones, spine=bend, chest=bend, neck=nod, head=nod)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        swing = np.stack([np.zeros(count), sign * draw(-110, 45), sign * draw(-100, 80)], axis=-1)
        twist = about(sign * X, sign * draw(-80, 65))
        set_bones(bones, **{f"{side}UpperArm": multiply(from_vector(swing), twist)})
        hinge, pronation = about(-sign * Y, draw(0, 145)), about(X, draw(-75, 75))
        set_bones(bones, **{f"{side}LowerArm": multiply(hinge, pronation)})
        hand = np.stack([np.zeros(count), sign * draw(-18, 27), sign * draw(-70, 60)], axis=-1)
        set_bones(bones, **{f"{side}Hand": from_vector(hand)})
        swing = np.stack([draw(-110, 25), np.zeros(count), sign * draw(-25, 40)], axis=-1)
        twist = about(-Y, sign * draw(-40, 40))
        set_bones(bones, **{f"{side}UpperLeg": multiply(from_vector(swing), twist)})
        set_bones(bones, **{f"{side}LowerLeg": about(X, draw(0, 140))})
        foot = np.stack([draw(-18, 45), draw(-25, 25), sign * draw(-30, 12)], axis=-1)
        set_bones(bones, **{f"{side}Foot": from_vector(foot)})
    return bones


def _arms_down(bones: Array, degrees: float | Array = 75.0) -> Array:
    angle = np.radians(np.broadcast_to(degrees, bones.shape[0]))
    return set_bones(bones, leftUpperArm=about(Z, -angle), rightUpperArm=about(Z, angle))


def _leg_angles(hip_height: Array, forward_m: Array, rest: Array) -> tuple[Array, Array]:
    """Hip and knee flexion that put the ankle `forward_m` ahead of and `hip_height` below the hip joint."""
    thigh, shank = -rest[INDEX["leftLowerLeg"], 1], -rest[INDEX["leftFoot"], 1]
    reach = np.minimum(np.hypot(hip_height, forward_m), (thigh + shank) * 0.9999)
    knee = np.pi - np.arccos((thigh**2 + shank**2 - reach**2) / (2 * thigh * shank))
    hip = np.arctan2(forward_m, hip_height) + np.arccos((thigh**2 + reach**2 - shank**2) / (2 * thigh * reach))
    return hip, knee


LEG_M: Final = float(-OWN_REST[INDEX["leftLowerLeg"], 1] - OWN_REST[INDEX["leftFoot"], 1])


def _stand(count: int) -> tuple[Array, Array]:
    """Upright, arms down, ankles 7 cm over the floor, three metres from the camera."""
    root = np.tile([0.0, LEG_M + 0.07 - CAMERA_HEIGHT_M, -3.0], (count, 1))
    return _arms_down(t_pose(count)), root


def walk(seconds: float = 4.0, speed_m_s: float = 0.8, step_s: float = 0.6) -> tuple[Array, Array]:
    """Across the picture from its right to its left, facing where it goes; each foot stands still while it stands."""
    count = round(seconds * FPS)
    t = np.arange(count) / FPS
    bones, root = _stand(count)
    bones[:, 0] = about(Y, np.full(count, np.radians(-90)))
    root[:, 0] = 1.5 - speed_m_s * (t - 0.15)
    root[:, 1] -= 0.05
    step_m = speed_m_s * step_s
    for side, shift in (("left", 0.0), ("right", step_s)):
        cycle, phase = np.divmod(t + shift, 2 * step_s)
        swinging = np.clip((phase - step_s) / step_s, 0, 1)  # the first half of a cycle the foot stands
        planted = speed_m_s * (cycle * 2 * step_s - shift) + step_m / 2 + 0.0
        foot = planted + 2 * step_m * (swinging - np.sin(2 * np.pi * swinging) / (2 * np.pi))
        lift = 0.08 * np.sin(np.pi * swinging) ** 2
        ahead = foot - speed_m_s * (t - 0.0)
        hip, knee = _leg_angles(LEG_M - 0.05 - lift, ahead, OWN_REST)
        set_bones(bones, **{f"{side}UpperLeg": about(X, -hip), f"{side}LowerLeg": about(X, knee)})
        set_bones(bones, **{f"{side}Foot": about(X, hip - knee)})
    swing = np.radians(20) * np.sin(np.pi * t / step_s)
    hang = np.radians(75.0)
    left = multiply(about(X, swing), about(Z, np.full(count, -hang)))
    right = multiply(about(X, -swing), about(Z, np.full(count, hang)))
    elbow = np.full(count, np.radians(20.0))
    set_bones(bones, leftUpperArm=left, rightUpperArm=right)
    return set_bones(bones, leftLowerArm=about(-Y, elbow), rightLowerArm=about(Y, elbow)), root


def walk_toward() -> tuple[Array, Array]:
    """Straight to the camera, from 4.5 metres."""
    bones, root = walk()
    bones[:, 0] = IDENTITY
    root[:, 2], root[:, 0] = -3.0 - root[:, 0], 0.0
    return bones, root


def walk_away() -> tuple[Array, Array]:
    """Straight away from the camera, from 1.8 metres."""
    bones, root = walk()
    bones[:, 0] = about(Y, np.full(len(bones), np.pi))
    root[:, 2], root[:, 0] = root[:, 0] - 3.3, 0.0
    return bones, root


def squat(seconds: float = 4.0) -> tuple[Array, Array]:
    """Two squats, arms stretched forward at the bottom, feet flat on the floor."""
    count = round(seconds * FPS)
    t = np.arange(count) / FPS
    bones, root = _stand(count)
    depth = 0.25 * (1 - np.cos(np.pi * t))
    root[:, 1] -= depth / 2 + 0.005
    hip, knee = _leg_angles(LEG_M - 0.005 - depth / 2, 0 * t, OWN_REST)
    lean = np.radians(60.0) * depth
    bones[:, 0] = about(X, lean)
    for side in ("left", "right"):
        set_bones(bones, **{f"{side}UpperLeg": about(X, -hip - lean), f"{side}LowerLeg": about(X, knee)})
        set_bones(bones, **{f"{side}Foot": about(X, hip - knee)})
    return _raise_forward(bones, np.radians(75) * (1 - 2 * depth), np.radians(80) * 2 * depth), root


def _raise_forward(bones: Array, down: Array, ahead: Array) -> Array:
    left = from_vector(np.stack([0 * down, -ahead, -down], axis=-1))
    right = from_vector(np.stack([0 * down, ahead, down], axis=-1))
    return set_bones(bones, leftUpperArm=left, rightUpperArm=right)


def arm_circle(seconds: float = 4.0) -> tuple[Array, Array]:
    """Straight arms swing round beside the body, once a second, 60 degrees about the T-pose."""
    count = round(seconds * FPS)
    t = np.arange(count) / FPS
    bones, root = _stand(count)
    angle = 2 * np.pi * t
    swing = np.radians(60) * np.stack([0 * t, np.cos(angle), np.sin(angle)], axis=-1)
    return set_bones(bones, leftUpperArm=from_vector(swing), rightUpperArm=from_vector(swing * [1, -1, -1])), root


def turn(seconds: float = 4.0) -> tuple[Array, Array]:
    """Once round about the vertical on the spot, elbows a little bent."""
    count = round(seconds * FPS)
    bones, root = _stand(count)
    bones[:, 0] = about(Y, 2 * np.pi * np.arange(count) / count)
    elbow = np.full(count, np.radians(35.0))
    return set_bones(bones, leftLowerArm=about(-Y, elbow), rightLowerArm=about(Y, elbow)), root


def hold_t_pose(seconds: float = 2.0) -> tuple[Array, Array]:
    """Nothing moves."""
    count = round(seconds * FPS)
    return t_pose(count), _stand(count)[1]


def roll_straight_arms(seconds: float = 4.0) -> tuple[Array, Array]:
    """Arms straight out sideways, forearms roll 70 degrees to and fro about themselves."""
    count = round(seconds * FPS)
    t = np.arange(count) / FPS
    bones, root = t_pose(count), _stand(count)[1]
    roll = about(X, np.radians(70) * np.sin(np.pi * t))
    return set_bones(bones, leftLowerArm=roll, rightLowerArm=roll), root


MOTIONS: Final[dict[str, Callable[[], tuple[Array, Array]]]] = {
    "walk": walk,
    "squat": squat,
    "arm circle": arm_circle,
    "turn": turn,
    "T-pose": hold_t_pose,
    "straight arms roll": roll_straight_arms,
}


def add_noise(points: Array, noise_m: float, rng: np.random.Generator) -> Array:
    """Landmarks with normal noise of a standard deviation in metres along each axis."""
    return points + rng.normal(0.0, noise_m, points.shape)
