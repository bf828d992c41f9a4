import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from protocol import Pose, ProtocolError
from protocol.messages import DTYPES, Dtype, Format
from protocol.poses import pose_map, read_pose, to_dtype, view_array
from protocol.reader import Reader

QUATERNION = np.array([[0.0, 0.0, 0.0, 1.0]], "<f4")
ROOT = np.array([0.5, -1.0, -3.0], "<f4")


def through(pose: Pose, format: Format, dtype: Dtype = "f32") -> Pose:
    return read_pose(Reader(pose_map(pose, format), "pose"), DTYPES[dtype])


@pytest.mark.parametrize("format", ["msgpack", "json"])
def test_everything_that_comes_with_bones_survives(format: Format) -> None:
    pose = Pose(1, 0.5, bones=QUATERNION, root=ROOT, held=(0,), contact=(False, True), floor=-1.5)
    assert through(pose, format) == pose


@pytest.mark.parametrize("format", ["msgpack", "json"])
def test_an_angle_that_cannot_be_told_is_nan_and_null(format: Format) -> None:
    pose = Pose(1, 0.5, angles=np.array([90, np.nan, -5], "<f4"))
    assert through(pose, format) == pose
    assert pose_map(pose, "json")["angles"] == [90, None, -5]


@pytest.mark.parametrize("key", ["world", "image_raw", "world_raw"])
def test_all_landmark_arrays_have_as_many_rows(key: str) -> None:
    data = {"id": 1, "score": 0.5, "image": b"\0" * 16, key: b"\0" * 32}
    with pytest.raises(ProtocolError, match=f"image has 1 rows, {key} 2"):
        read_pose(Reader(data, "pose"), DTYPES["f32"])


def test_without_bones_their_companions_are_left_out() -> None:
    assert set(pose_map(Pose(1, 0.5, root=ROOT, held=(1,), floor=1.0), "msgpack")) == {"id", "score"}


def test_what_comes_with_bones_is_ignored_without_them() -> None:
    assert read_pose(Reader({"id": 1, "score": 0.5, "root": "?", "held": 7}, "pose"), DTYPES["f32"]) == Pose(1, 0.5)


def test_the_error_names_value_and_limit() -> None:
    with pytest.raises(ProtocolError, match="bones has 20 bytes; 1 to 64 rows of 16"):
        read_pose(Reader({"id": 1, "score": 0.5, "bones": b"\0" * 20}, "pose"), DTYPES["f32"])


@given(arrays.arrays(np.float32, (19, 4), elements=st.floats(-1, 1, width=32)), st.sampled_from(["msgpack", "json"]))
def test_rotations_survive_within_six_decimals(bones: np.ndarray, format: Format) -> None:
    found = through(Pose(1, 0.5, bones=bones, root=ROOT), format).bones
    np.testing.assert_allclose(found, bones, atol=1e-6)


def test_to_dtype_keeps_nan_and_clamps_the_rest() -> None:
    assert np.isnan(to_dtype(np.array([np.nan], "<f4"), "f16")).all()
    assert to_dtype(np.array([1e9], "<f4"), "f16").tolist() == [65_504]


def test_view_array_selects_and_converts() -> None:
    array = np.arange(132, dtype=np.float32).reshape(33, 4)
    assert view_array(array, tuple(range(33)), "f32") is array
    np.testing.assert_array_equal(view_array(array, (32, 0), "f32"), array[[32, 0]])
    np.testing.assert_array_equal(view_array(array, tuple(reversed(range(33))), "f32"), array[::-1])
    assert view_array(array, (1,), "f16").dtype == np.dtype("<f2")


def test_view_array_keeps_finite_what_half_precision_cannot_hold() -> None:
    array = np.zeros((33, 4), np.float32)
    array[0] = (1e30, -1e30, 65_519, 1e-30)
    assert view_array(array, (0,), "f16").tolist() == [[65_504, -65_504, 65_504, 0]]
