import threading

import cv2
import mediapipe as mp
import numpy as np
import pytest
from mediapipe.tasks.python import BaseOptions, vision

from protocol.limits import MAX_PEOPLE
from streamer.engine import mediapipe as engine_mediapipe
from streamer.engine.mediapipe import MediaPipeEngine, bundle
from streamer.errors import EngineError, UsageError
from streamer.settings import MODELS
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


def test_a_refusal_of_the_networks_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_mediapipe, "bundle", lambda model: b"no bundle")
    with pytest.raises(EngineError, match=r"MediaPipe refuses the lite model: .") as error:
        MediaPipeEngine("lite")
    assert len(str(error.value).splitlines()) == 1


def test_the_direct_way_gives_what_mediapipe_gives(clip: list[np.ndarray]) -> None:
    """Every number as MediaPipe's own Python layer has it, but for the axes."""
    reference = vision.PoseLandmarker.create_from_options(
        vision.PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=bundle("lite")), running_mode=vision.RunningMode.VIDEO
        )
    )
    engine = MediaPipeEngine("lite")
    for index, picture in enumerate(clip[:5]):
        theirs = reference.detect_for_video(mp.Image(mp.ImageFormat.SRGB, picture), index * 17)
        (ours,) = engine.estimate(picture, index * 17_000)
        image = [(p.x, p.y, p.z, p.visibility) for p in theirs.pose_landmarks[0]]
        world = [(p.x, -p.y, -p.z, p.visibility) for p in theirs.pose_world_landmarks[0]]
        np.testing.assert_array_equal(ours.image, np.array(image, np.float32))
        np.testing.assert_array_equal(ours.world, np.array(world, np.float32))
        assert ours.score == pytest.approx(np.mean([p.presence for p in theirs.pose_landmarks[0]]), abs=1e-6)
    engine.close()
    reference.close()


@pytest.mark.parametrize("mode", ["video", "image"])
def test_a_failure_of_the_native_code_is_one_line(mode: str, clip: list[np.ndarray]) -> None:
    engine = MediaPipeEngine("lite", mode=mode)
    engine._is_video = mode == "image"  # the function of the other mode, which MediaPipe refuses
    with pytest.raises(EngineError, match=r"MediaPipe failed on a frame: .*mode") as error:
        engine.estimate(clip[0], 0)
    assert len(str(error.value).splitlines()) == 1
    engine.close()


@pytest.mark.parametrize(
    "picture",
    [np.zeros((64, 64), np.uint8), np.zeros((64, 64, 4), np.uint8), np.zeros((64, 64, 3), np.float32)],
)
def test_only_rgb_bytes_are_a_picture(picture: np.ndarray) -> None:
    engine = MediaPipeEngine("lite")
    with pytest.raises(EngineError, match=r"has to be .height, width, 3. uint8"):
        engine.estimate(picture, 0)
    engine.close()


def test_a_view_into_a_larger_picture_is_read_as_it_is(clip: list[np.ndarray]) -> None:
    engine = MediaPipeEngine("lite", mode="image")
    view = clip[0][100:1100, 20:]
    assert not view.flags["C_CONTIGUOUS"]
    np.testing.assert_array_equal(engine.estimate(view, 0)[0].image, engine.estimate(view.copy(), 0)[0].image)
    engine.close()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_person_with_a_number_that_is_not_finite_is_left_out(bad: float) -> None:
    good = np.ones((33, engine_mediapipe._WIDTH), np.float32)
    broken = good.copy()
    broken[7, 1] = bad
    assert engine_mediapipe._detection(good, good) is not None
    assert engine_mediapipe._detection(broken, good) is None
    assert engine_mediapipe._detection(good, broken) is None


def test_closing_while_a_frame_is_in_work_waits_for_it(clip: list[np.ndarray]) -> None:
    engine = MediaPipeEngine("lite")
    ends: list[str] = []

    def work() -> None:
        try:
            for index in range(1000):
                engine.estimate(clip[0], index * 1000)
        except EngineError as error:
            ends.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    engine.close()
    thread.join()
    assert ends == ["the engine is closed"]
