import numpy as np

from posewire.feed.blend import blend
from posewire.feed.messages import Frame, Pose

HALF = np.sqrt(0.5)


def frame(t_us: int, *poses: Pose) -> Frame:
    return Frame(1, "cam", t_us, t_us, t_us, (640, 480), poses)


def pose(id: int, x: float, q: "tuple[float, ...]" = (0, 0, 0, 1), floor: "float | None" = None) -> Pose:
    array = np.full((2, 4), x, np.float32)
    bones = np.array([q], np.float32)
    root, rest = np.full(3, x, np.float32), np.full((1, 3), x, np.float32)
    angles = np.array((x, np.nan), np.float32)
    return Pose(id, 0.5, array, array, bones, root, (0,), (True, False), floor, rest, angles)


def test_positions_go_straight_and_rotations_stay_rotations() -> None:
    mixed = blend(frame(0, pose(1, 0, floor=-1)), frame(100, pose(1, 4, (0, 0, HALF, HALF), floor=-2)), 0.25, 25)
    assert (mixed.t_us, mixed.seq) == (25, 0)
    (person,) = mixed.poses
    for array in (person.image, person.world, person.root, person.rest):
        np.testing.assert_array_equal(array, np.ones_like(array))
        assert array.dtype == np.float32
    assert np.linalg.norm(person.bones[0]) == np.float32(1)
    assert 0.15 < person.bones[0][2] < 0.22
    assert (person.floor, person.held, person.contact) == (-1.25, (0,), (True, False))
    assert person.angles[0] == 1
    assert np.isnan(person.angles[1])


def test_between_finite_numbers_all_is_finite() -> None:
    most = float(np.finfo(np.float32).max)
    mixed = blend(frame(0, pose(1, most)), frame(100, pose(1, -most)), 0.3, 30).poses[0]
    assert np.isfinite(mixed.world).all()
    assert np.isfinite(mixed.root).all()


def test_people_are_matched_by_id() -> None:
    earlier, later = frame(0, pose(1, 0), pose(2, 10)), frame(100, pose(3, 50), pose(1, 2))
    mixed = blend(earlier, later, 0.5, 50)
    assert [person.id for person in mixed.poses] == [1, 2]
    assert mixed.poses[0].root[0] == 1
    assert mixed.poses[1] is earlier.poses[1]


def test_what_only_one_has_is_the_earlier_ones() -> None:
    earlier, later = frame(0, pose(1, 0, floor=None)), frame(100, Pose(1, 0.5, floor=-1.0))
    mixed = blend(earlier, later, 0.5, 50).poses[0]
    assert mixed.floor is None
    assert mixed.bones is earlier.poses[0].bones
    assert blend(later, earlier, 0.5, 50).poses[0].world is None


def test_other_numbers_of_rows_arent_mixed() -> None:
    earlier, later = frame(0, pose(1, 0)), frame(100, pose(1, 2))
    later.poses[0].world = np.zeros((5, 4), np.float32)
    later.poses[0].bones = np.zeros((5, 4), np.float32)
    mixed = blend(earlier, later, 0.5, 50).poses[0]
    assert mixed.world is earlier.poses[0].world
    assert mixed.bones is earlier.poses[0].bones
