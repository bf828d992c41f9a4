import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from streamer import engine_mediapipe
from streamer.engine_mediapipe import MAX_PEOPLE, MODELS, MediaPipeEngine, bundle
from streamer.errors import EngineError, UsageError
from tests.harness import read_clip


@pytest.fixture(scope="module")
def clip() -> list[np.ndarray]:
    return [cv2.cvtColor(picture, cv2.COLOR_BGR2RGB) for picture in read_clip()]


@pytest.mark.parametrize("model", MODELS)
def test_finds_the_person_on_the_axes_of_the_wire(model: str, clip: list[np.ndarray]) -> None:
    engine = MediaPipeEngine(model)
    for index, picture in enumerate(clip[90:]):
        (found,) = engine.estimate(picture, index * 16_667)
    engine.close()
    assert found.image.shape == found.world.shape == (33, 4)
    assert found.image.dtype == found.world.dtype == np.float32
    nose, left_hip, right_hip, left_ankle = found.world[[0, 23, 24, 27], :3]
    assert nose[1] > 0.3 > -0.3 > left_ankle[1]  # +Y up
    if model != "lite":  # which takes this person's crossed legs for a back
        assert left_hip[0] > right_hip[0]  # +X the picture's right, the person facing it
    np.testing.assert_allclose((left_hip + right_hip) / 2, 0, atol=0.02)
    toes, heels = found.world[[31, 32], 2].mean(), found.world[[29, 30], 2].mean()
    assert toes > heels  # +Z toward the camera, as are the toes of one who faces it
    assert found.image[0, 1] < found.image[27, 1]  # y down
    assert 0.9 < found.score <= 1
    assert ((found.image[:, 3] >= 0) & (found.image[:, 3] <= 1)).all()


def test_nobody_in_the_picture() -> None:
    engine = MediaPipeEngine("lite")
    assert engine.estimate(np.full((240, 320, 3), 127, np.uint8), 0) == []
    engine.close()


def test_image_mode_forgets_and_video_mode_follows(clip: list[np.ndarray]) -> None:
    engine = MediaPipeEngine("lite", mode="image")
    first, other, again = (engine.estimate(clip[index], 0)[0] for index in (0, 20, 0))
    np.testing.assert_array_equal(first.image, again.image)
    assert np.abs(first.image - other.image).max() > 0.01
    engine.close()


def test_one_person_is_smoothed_by_mediapipe_several_are_not() -> None:
    kinds = {(people, mode): MediaPipeEngine("lite", people, mode) for people in (1, 2) for mode in ("video", "image")}
    assert {key for key, engine in kinds.items() if engine.smoothed} == {(1, "video")}
    for engine in kinds.values():
        engine.close()
        engine.close()


def test_times_closer_than_a_millisecond_and_sizes_that_change(clip: list[np.ndarray]) -> None:
    engine = MediaPipeEngine("lite")
    for index, picture in enumerate(clip[:6]):
        assert len(engine.estimate(picture, 1000 + index * 10)) == 1
    smaller = cv2.resize(clip[7], None, fx=0.5, fy=0.5)
    assert len(engine.estimate(smaller, 200_000)) == 1
    engine.close()


def test_a_closed_engine_says_so(clip: list[np.ndarray]) -> None:
    engine = MediaPipeEngine("lite")
    engine.close()
    with pytest.raises(EngineError, match="closed"):
        engine.estimate(clip[0], 0)


@pytest.mark.parametrize("people", [0, -1, MAX_PEOPLE + 1])
def test_people_are_limited(people: int) -> None:
    with pytest.raises(UsageError, match=rf"{people} people; from 1 to {MAX_PEOPLE}"):
        MediaPipeEngine("lite", people)


def test_an_unknown_model() -> None:
    with pytest.raises(UsageError, match="no model 'huge'; one of lite, full, heavy"):
        MediaPipeEngine("huge")


def test_a_missing_or_damaged_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copy(engine_mediapipe.MODEL_FOLDER / "pose_detector.tflite", tmp_path)
    monkeypatch.setattr(engine_mediapipe, "MODEL_FOLDER", tmp_path)
    with pytest.raises(EngineError, match=r"pose_landmarks_lite.tflite can't be read .*; reinstall posewire"):
        bundle("lite")
    (tmp_path / "pose_landmarks_lite.tflite").write_bytes(b"no network" * 1000)
    with pytest.raises(EngineError, match="MediaPipe refuses the lite model") as error:
        MediaPipeEngine("lite")
    assert len(str(error.value).splitlines()) == 1
