import numpy as np
import pytest

from posewire.feed.humanoid import BoneTree
from protocol import BONES, PARENTS, REST

TREE = BoneTree(BONES, PARENTS, REST)
T_POSE = np.tile((0, 0, 0, 1.0), (len(BONES), 1))


def at(name: str) -> int:
    return BONES.index(name)


def test_the_t_pose() -> None:
    rotations, positions = TREE.forward(T_POSE)
    np.testing.assert_array_equal(rotations, T_POSE)
    np.testing.assert_allclose(positions[at("hips")], (0, 0.9, 0))
    np.testing.assert_allclose(positions[at("leftHand")], (0.7, 0.9 + 0.1 + 0.13 + 0.26, 0))
    np.testing.assert_allclose(positions[at("rightFoot")], (-0.1, 0.07, 0), atol=1e-12)


def test_a_bone_turns_all_below_it() -> None:
    bones = T_POSE.copy()
    bones[at("leftUpperArm")] = (0, 0, -np.sqrt(0.5), np.sqrt(0.5))  # hangs down
    rotations, positions = TREE.forward(bones, root=(1, 2, -3))
    shoulder = positions[at("leftUpperArm")]
    np.testing.assert_allclose(positions[at("leftHand")] - shoulder, (0, -0.53, 0), atol=1e-12)
    np.testing.assert_allclose(rotations[at("leftHand")], bones[at("leftUpperArm")])
    np.testing.assert_allclose(positions[at("hips")], (1, 2, -3))


def test_the_persons_own_lengths() -> None:
    _, positions = TREE.forward(T_POSE, rest=np.array(REST) * 2)
    assert positions[at("head")][1] == pytest.approx(2 * (0.9 + 0.1 + 0.13 + 0.27 + 0.1))


def test_it_is_the_forward_kinematics_of_the_server() -> None:
    random = np.random.default_rng(5)
    bones = random.normal(size=(len(BONES), 4))
    bones /= np.linalg.norm(bones, axis=1, keepdims=True)
    rotations, positions = TREE.forward(bones, root=(0.1, 0.2, 0.3))
    for bone, parent in enumerate(PARENTS):
        if parent >= 0:
            turned = _matrix(rotations[parent]) @ np.array(REST[bone])
            np.testing.assert_allclose(positions[bone], positions[parent] + turned, atol=1e-12)
            np.testing.assert_allclose(
                _matrix(rotations[bone]), _matrix(rotations[parent]) @ _matrix(bones[bone]), atol=1e-12
            )


def _matrix(q: np.ndarray) -> np.ndarray:
    x, y, z, w = q
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
