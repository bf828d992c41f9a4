from dataclasses import replace

import numpy as np

from benchmarks.humanoid import MOTIONS
from streamer.body import Body
from streamer.solver.kinematics import INDEX, forward
from streamer.solver.measure import Measured
from streamer.solver.stand import Stander
from tests.solver.test_measure import measure
from tests.solver.test_solver import detections


def squat() -> list[Measured]:
    return measure(detections(*MOTIONS["squat"]()))


def stand(frames: list[Measured]) -> list[Body]:
    stander = Stander()
    return [stander.stand(frame, frame.bones, frame.place, frame.rest) for frame in frames if frame.place is not None]


def test_standing_feet_stay_where_they_are() -> None:
    bodies = stand(squat())[10:]
    assert all(body.contact == (True, True) for body in bodies)
    feet = [INDEX["leftFoot"], INDEX["rightFoot"]]
    places = np.array(
        [forward(body.bones.astype(float), body.root, body.rest.astype(float))[0][feet] for body in bodies]
    )
    assert np.ptp(places, axis=0).max() < 0.03


def test_signs_follow_on() -> None:
    frames = [replace(frame, bones=frame.bones * (-1) ** index) for index, frame in enumerate(squat())]
    turns = np.array([body.bones for body in stand(frames)])
    assert (np.einsum("tbi,tbi->tb", turns[1:], turns[:-1]) > 0).all()
    assert turns[0, 0, 3] > 0


def test_what_is_not_seen_is_named() -> None:
    [first, *_] = squat()
    hidden = replace(first, seen=tuple(bone != 3 for bone in range(len(first.seen))))
    assert stand([hidden])[0].held == (3,)
    assert stand([first])[0].held == ()


def test_who_stands_goes_on_standing_in_a_frame_that_is_not_believed() -> None:
    frames = squat()
    frames[30] = replace(frames[30], clear=False)
    assert stand(frames)[30].contact == (True, True)
