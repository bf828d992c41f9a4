import numpy as np

from protocol import BONES, PARENTS, REST
from streamer.solver.kinematics import INDEX, forward
from streamer.solver.quaternion import IDENTITY, about, matrix

T_POSE = np.tile(IDENTITY, (len(BONES), 1))
REST_M = np.array(REST)


def test_the_t_pose_is_the_sum_of_its_offsets() -> None:
    positions, rotations = forward(T_POSE, REST_M[0], REST_M)
    np.testing.assert_allclose(positions[INDEX["leftHand"]], [0.7, 1.39, 0.0])
    np.testing.assert_allclose(positions[INDEX["rightFoot"]], [-0.1, 0.07, 0.0], atol=1e-12)
    np.testing.assert_allclose(rotations, np.tile(np.eye(3), (len(BONES), 1, 1)))


def test_it_is_what_the_specification_says_bone_by_bone() -> None:
    rng = np.random.default_rng(0)
    bones = rng.normal(size=(3, len(BONES), 4))
    bones /= np.linalg.norm(bones, axis=-1, keepdims=True)
    root = rng.normal(size=(3, 3))
    positions, rotations = forward(bones, root, REST_M)
    local = matrix(bones)
    for frame in range(3):
        for bone, parent in enumerate(PARENTS):
            if parent < 0:
                np.testing.assert_allclose(positions[frame, bone], root[frame])
                np.testing.assert_allclose(rotations[frame, bone], local[frame, bone])
            else:
                above = rotations[frame, parent]
                np.testing.assert_allclose(positions[frame, bone], positions[frame, parent] + above @ REST_M[bone])
                np.testing.assert_allclose(rotations[frame, bone], above @ local[frame, bone], atol=1e-12)


def test_a_bent_elbow_brings_the_hand_forward() -> None:
    bones = T_POSE.copy()
    bones[INDEX["leftLowerArm"]] = about(np.array([0.0, -1.0, 0.0]), np.array(np.pi / 2))
    hand = forward(bones, np.zeros(3), REST_M)[0][INDEX["leftHand"]]
    np.testing.assert_allclose(hand, [0.45, 0.49, 0.25], atol=1e-12)
