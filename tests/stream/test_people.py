from dataclasses import replace

import numpy as np
import pytest

from protocol import decode
from protocol.messages import FIELDS, SOLVED_FIELDS
from streamer.errors import SkeletonError
from streamer.hub.outgoing import Estimate, encode_whole
from streamer.stream.people import people_of
from tests.recording.made import frame, pose


def test_what_was_recorded_is_what_is_sent() -> None:
    recorded = frame(3, pose(1, 1), pose(2, 2, body=False))
    estimate = Estimate("cam", 3, recorded.t_us, recorded.size, people_of(recorded), SOLVED_FIELDS)
    sent = decode(encode_whole(estimate, recorded.sent_us))
    assert sent == recorded
    assert all(getattr(sent.poses[0], field) is not None for field in FIELDS)


def test_half_a_body_is_none() -> None:
    for missing in ({"floor": None}, {"rest": None}, {"bones": None, "root": None}):
        [person] = people_of(frame(1, replace(pose(), **missing)))
        assert person.body is None
        assert person.angles is not None


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"image": None}, "image of a person is missing; 33x4 is needed"),
        ({"world": np.zeros((17, 4), np.float32)}, "world of a person is 17x4; 33x4 is needed"),
        ({"bones": np.zeros((3, 4), np.float32)}, "bones of a person is 3x4; 19x4 is needed"),
        ({"angles": np.zeros(4, np.float32)}, "angles of a person is 4; 19 is needed"),
    ],
)
def test_another_skeleton_is_refused_in_words(wrong: dict, text: str) -> None:
    with pytest.raises(SkeletonError) as error:
        people_of(frame(1, replace(pose(), **wrong)))
    assert str(error.value) == f"stream cam, 5033333 us: {text}"
