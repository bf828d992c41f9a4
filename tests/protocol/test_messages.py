import numpy as np
import pytest

from protocol import Pose, Subscribe


def rows(dtype: str = "<f4", value: float = 0.5, count: int = 2) -> np.ndarray:
    return np.full((count, 4), value, dtype)


def test_poses_are_equal_by_value() -> None:
    assert Pose(1, 0.5, rows(), None) == Pose(1, 0.5, rows(), None)
    assert hash(Pose(1, 0.5, rows())) == hash(Pose(1, 0.5, rows()))


@pytest.mark.parametrize(
    "other",
    [
        Pose(2, 0.5, rows()),
        Pose(1, 0.25, rows()),
        Pose(1, 0.5),
        Pose(1, 0.5, None, rows()),
        Pose(1, 0.5, rows(value=0.25)),
        Pose(1, 0.5, rows("<f2")),
        Pose(1, 0.5, rows(count=1)),
        "pose",
    ],
    ids=range(8),
)
def test_poses_differ(other: object) -> None:
    assert Pose(1, 0.5, rows()) != other


def test_messages_are_values() -> None:
    assert Subscribe(1) == Subscribe(1, "*", ("image", "world"), None, None, "f32")
    with pytest.raises(AttributeError):
        Subscribe(1).id = 2
