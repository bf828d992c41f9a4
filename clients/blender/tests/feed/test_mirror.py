import numpy as np

from posewire.feed.humanoid import BoneTree
from posewire.feed.messages import Pose
from posewire.feed.mirror import Mirror, mirror_position, mirror_rotation
from protocol import BONES, LANDMARKS, PARENTS, REST

TREE = BoneTree(BONES, PARENTS, REST)
MIRROR = Mirror(BONES, LANDMARKS)


def a_pose() -> Pose:
    random = np.random.default_rng(4)
    bones = random.normal(size=(19, 4))
    bones /= np.linalg.norm(bones, axis=1, keepdims=True)
    rest = np.array(REST, np.float32)
    world, image = random.normal(size=(2, 33, 4)).astype(np.float32)
    root = np.array((0.5, 0.1, -3), np.float32)
    held = (BONES.index("leftHand"), BONES.index("spine"))
    pose = Pose(7, 0.5, image, world, bones.astype(np.float32), root, held, (True, False), -1.0, rest)
    for array in (pose.image, pose.world, pose.bones, pose.root, pose.rest):
        array.flags.writeable = False
    return pose


def test_every_joint_is_where_the_mirror_shows_that_of_the_other_side() -> None:
    pose = a_pose()
    mirrored = MIRROR.pose(pose)
    _, seen = TREE.forward(pose.bones, pose.rest, pose.root)
    _, shown = TREE.forward(mirrored.bones, mirrored.rest, mirrored.root)
    for bone, name in enumerate(BONES):
        other = name.replace("left", "?").replace("right", "left").replace("?", "right")
        np.testing.assert_allclose(shown[bone], mirror_position(seen[BONES.index(other)]), atol=1e-6)


def test_landmarks_held_and_contact_change_sides() -> None:
    pose = a_pose()
    mirrored = MIRROR.pose(pose)
    left, right = LANDMARKS.index("left_wrist"), LANDMARKS.index("right_wrist")
    x, y, z, seen = pose.world[right]
    np.testing.assert_array_equal(mirrored.world[left], (-x, y, z, seen))
    assert mirrored.image[LANDMARKS.index("mouth_left")][0] == 1 - pose.image[LANDMARKS.index("mouth_right")][0]
    assert mirrored.image[0][1] == pose.image[0][1]
    assert mirrored.held == tuple(sorted((BONES.index("rightHand"), BONES.index("spine"))))
    assert (mirrored.contact, mirrored.id, mirrored.floor) == ((False, True), 7, -1.0)


def test_twice_is_as_before() -> None:
    pose = a_pose()
    again = MIRROR.pose(MIRROR.pose(pose))
    for name in ("world", "bones", "root", "rest"):
        np.testing.assert_array_equal(getattr(again, name), getattr(pose, name))
    np.testing.assert_allclose(again.image, pose.image, atol=1e-6)
    assert (again.held, again.contact) == (tuple(sorted(pose.held)), pose.contact)


def test_only_what_is_there_is_mirrored() -> None:
    mirrored = Mirror().pose(Pose(1, 0.5))
    assert mirrored.bones is mirrored.world is mirrored.root is None


def test_a_turn_about_x_looks_the_same_in_a_mirror() -> None:
    np.testing.assert_array_equal(mirror_rotation((0.6, 0, 0, 0.8)), (0.6, 0, 0, 0.8))
    np.testing.assert_array_equal(mirror_rotation((0, 0.6, 0, 0.8)), (0, -0.6, 0, 0.8))
