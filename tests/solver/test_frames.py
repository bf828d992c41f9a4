import numpy as np
import pytest

from benchmarks.humanoid import landmarks, random_pose, t_pose
from streamer.solver import frames
from streamer.solver.kinematics import INDEX, forward
from streamer.solver.quaternion import Array, about, matrix, multiply


def angle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    cosine = (np.einsum("...ij,...ij->...", a, b) - 1) / 2
    return np.degrees(np.arccos(cosine.clip(-1, 1)))


def trunk(points: Array, pair: list[int]) -> Array:
    rise = points[..., frames.SHOULDERS, :].mean(axis=-2) - points[..., frames.HIPS, :].mean(axis=-2)
    return frames.axes(points[..., pair[0], :] - points[..., pair[1], :], rise)


def pelvis(points: Array) -> Array:
    return trunk(points, frames.HIPS)


def chest(points: Array) -> Array:
    return trunk(points, frames.SHOULDERS)


def head(points: Array) -> Array:
    return matrix(frames.head(points))


def test_all_axes_are_those_of_the_world_in_the_t_pose() -> None:
    for find in (pelvis, chest, head):
        found = find(landmarks(t_pose()))
        assert angle(found, np.broadcast_to(np.eye(3), found.shape)) == pytest.approx(0.0, abs=0.01)


def test_they_turn_with_the_body() -> None:
    turn = about(np.array([0.6, 0.0, 0.8]), np.array(2.0))
    bones = random_pose(np.random.default_rng(0), 20)
    turned = bones.copy()
    turned[:, 0] = multiply(turn, bones[:, 0])
    _, rotation = forward(np.array([[*turn]] + [[0, 0, 0, 1.0]] * 18), np.zeros(3), np.zeros((19, 3)))
    for find in (pelvis, chest, head):
        np.testing.assert_allclose(rotation[0] @ find(landmarks(bones)), find(landmarks(turned)), atol=1e-9)


def test_the_head_is_the_bone() -> None:
    bones = random_pose(np.random.default_rng(1), 50)
    rotations = forward(bones, np.zeros((50, 3)), np.zeros((19, 3)))[1]
    assert angle(head(landmarks(bones)), rotations[:, INDEX["head"]]).max() < 0.01


def test_a_mirrored_face_is_still_a_rotation() -> None:
    points = landmarks(t_pose())
    points[..., 0] *= -1
    assert np.linalg.det(head(points)) == pytest.approx(1.0)


def test_points_that_coincide_give_axes_all_the_same() -> None:
    for find in (pelvis, chest, head):
        found = find(np.zeros((33, 3)))
        np.testing.assert_allclose(
            np.swapaxes(found, -1, -2) @ found, np.broadcast_to(np.eye(3), found.shape), atol=1e-9
        )
        assert np.linalg.det(found) == pytest.approx(1.0)
