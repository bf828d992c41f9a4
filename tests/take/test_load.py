from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from protocol import ANGLES, BONES, Pose
from streamer.errors import RecordingError
from streamer.take import load as load_module
from streamer.take.load import load_takes
from tests.recording.made import CAM, SIDE, STEP_US, T0_US, frame, pose, recording


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "take.mcap"


def test_a_take_holds_every_frame_and_a_track_those_with_the_person(path: Path) -> None:
    people = [(pose(1, 1), pose(2, 2)), (pose(2, 3),), (), (pose(1, 4),)]
    sent = [frame(number, *poses) for number, poses in enumerate(people)]
    path.write_bytes(recording(sent, (CAM, SIDE)))
    takes = load_takes(path)
    assert list(takes) == ["cam", "side"]
    take = takes["cam"]
    assert (take.stream, take.size, take.fps) == ("cam", (640, 480), 30.0)
    assert take.t_us.tolist() == [T0_US + n * STEP_US for n in range(4)]
    assert {id: track.t_us.tolist() for id, track in take.tracks.items()} == {
        1: [T0_US, T0_US + 3 * STEP_US],
        2: [T0_US, T0_US + STEP_US],
    }
    track = take.tracks[1]
    for name in ("image", "world", "image_raw", "world_raw", "bones", "root", "rest", "angles"):
        array = getattr(track, name)
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, [getattr(pose(1, 1), name), getattr(pose(1, 4), name)])
    assert track.score.tolist() == [0.5, 0.5]
    assert track.contact is not None
    assert track.contact.tolist() == [[True, False]] * 2
    assert track.floor is not None
    assert track.floor.tolist() == [-1.5, -1.5]
    side = takes["side"]
    assert (side.size, side.t_us.tolist(), side.tracks) == ((320, 240), [], {})


def test_what_was_not_smoothed_is_its_own_raw(path: Path) -> None:
    path.write_bytes(recording([frame(0, replace(pose(), image_raw=None, world_raw=None))]))
    track = load_takes(path)["cam"].tracks[1]
    np.testing.assert_array_equal(track.image_raw, track.image)
    np.testing.assert_array_equal(track.world_raw, track.world)


def test_a_take_without_bodies_has_none(path: Path) -> None:
    path.write_bytes(recording([frame(0, pose(body=False))]))
    track = load_takes(path)["cam"].tracks[1]
    for name in ("bones", "root", "rest", "floor", "contact", "angles"):
        assert getattr(track, name) is None


def test_frames_without_a_body_have_that_of_the_nearest_before_or_the_first(path: Path) -> None:
    poses = [pose(body=False), pose(seed=1), pose(body=False), pose(seed=2)]
    path.write_bytes(recording([frame(number, each) for number, each in enumerate(poses)]))
    track = load_takes(path)["cam"].tracks[1]
    first, second = pose(seed=1).bones, pose(seed=2).bones
    np.testing.assert_array_equal(track.bones, [first, first, first, second])
    assert track.angles is not None
    assert np.isnan(track.angles).all(axis=1).tolist() == [True, False, True, False]


def test_times_strictly_increase(path: Path) -> None:
    sent = [frame(number, pose(seed=number), t_us=t_us) for number, t_us in enumerate([10, 10, 30, 20])]
    path.write_bytes(recording(sent))
    assert load_takes(path)["cam"].t_us.tolist() == [10, 20, 30]
    twice = frame(0, pose(1, 1), pose(1, 2))
    path.write_bytes(recording([twice]))
    np.testing.assert_array_equal(load_takes(path)["cam"].tracks[1].image, [pose(1, 1).image])


def test_a_cut_recording_gives_what_it_holds(path: Path) -> None:
    path.write_bytes(recording([frame(number, pose()) for number in range(50)], finish=False)[:-100])
    assert 30 < len(load_takes(path)["cam"].t_us) < 50


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"image": None}, "image of a person is missing; 33x4 is needed"),
        (
            dict.fromkeys(("image", "world", "image_raw", "world_raw"), np.zeros((5, 4), np.float32)),
            "image of a person is 5x4; 33x4 is needed",
        ),
        ({"angles": np.zeros(3, np.float32)}, rf"angles of a person is 3; {len(ANGLES)} is needed"),
        (
            {"bones": np.zeros((2, 4), np.float32), "rest": np.zeros((2, 3), np.float32)},
            f"bones of a person is 2x4; {len(BONES)}x4 is needed",
        ),
    ],
)
def test_people_of_another_shape_are_refused(path: Path, wrong: dict[str, object], text: str) -> None:
    odd: Pose = replace(pose(), **wrong)  # type: ignore[arg-type]
    path.write_bytes(recording([frame(0, odd)]))
    with pytest.raises(RecordingError, match=text):
        load_takes(path)


def test_a_take_too_long_is_refused_with_the_limit(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(recording([frame(number, pose()) for number in range(3)]))
    monkeypatch.setattr(load_module, "MAX_TAKE_BYTES", 5000)
    with pytest.raises(RecordingError, match="more than 5000 bytes of frames"):
        load_takes(path)
