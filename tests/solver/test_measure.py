import numpy as np

from benchmarks.humanoid import HORIZONTAL_FOV_DEG, MOTIONS
from streamer.engine.base import Detection
from streamer.solver.measure import Measured, Measurer
from streamer.solver.quaternion import angle_between
from streamer.solver.root import Camera
from tests.solver.test_solver import ASPECT, detections


def measure(frames: list[Detection], measurer: Measurer | None = None) -> list[Measured]:
    measurer = measurer or Measurer(Camera(HORIZONTAL_FOV_DEG))
    return [measurer.measure(frame, 1 / 30 if index else 0.0, ASPECT) for index, frame in enumerate(frames)]


def test_a_motion_is_measured_frame_by_frame() -> None:
    bones, root = MOTIONS["squat"]()
    found = measure(detections(bones, root))
    errors = np.degrees(angle_between(bones, np.array([frame.bones for frame in found])))
    assert np.median(errors) < 1.0
    places = np.array([frame.place for frame in found])
    # The landmarks' origin is midway between the hips' joints, the root their bone's: the same way apart throughout.
    assert np.abs(np.diff(places - root, axis=0)).max() < 0.02
    assert all(frame.clear and all(frame.seen) for frame in found)
    assert {round(frame.dt_s, 3) for frame in found} == {0.0, 0.033}


def test_what_is_hidden_is_not_seen() -> None:
    [frame, *_] = detections(*MOTIONS["T-pose"]())
    hidden = Detection(frame.image.copy(), frame.world.copy(), 1.0)
    hidden.world[25:, 3] = hidden.image[25:, 3] = 0.0  # from the knees down
    [found] = measure([hidden])
    assert 0 < sum(found.seen) < len(found.seen)


def test_what_is_no_number_is_not_seen_and_harms_nothing() -> None:
    [frame, *_] = detections(*MOTIONS["T-pose"]())
    broken = Detection(frame.image.copy(), frame.world.copy(), 1.0)
    broken.world[13, 0] = np.nan  # an elbow
    [found] = measure([broken])
    assert not all(found.seen)
    assert np.isfinite(found.bones).all()
    assert found.place is not None


def test_a_place_that_can_not_be_told_is_none() -> None:
    [frame, *_] = detections(*MOTIONS["T-pose"]())
    frame.image[:, :2] = 0.5
    assert measure([frame])[0].place is None
