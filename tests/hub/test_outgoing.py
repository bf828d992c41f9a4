import numpy as np

from protocol import ANGLES, BONES, decode
from protocol.messages import Frame
from streamer.body import Body, Person
from streamer.engine.base import Detection
from streamer.hub.outgoing import Estimate, Outgoing, encode_whole, on_demand
from streamer.hub.session import View

RNG = np.random.default_rng(3)


def points() -> Detection:
    return Detection(RNG.random((33, 4)).astype(np.float32), RNG.normal(size=(33, 4)).astype(np.float32), 0.75)


def test_a_recording_keeps_all_there_is_to_the_last_bit() -> None:
    smooth, raw = points(), points()
    turns, rest = (RNG.random((len(BONES), n)).astype(np.float32) for n in (4, 3))
    body = Body(turns, np.array([1, 2, 3], np.float32), -1.5, rest, (7,), (True, False))
    angles = np.full(len(ANGLES), np.nan, np.float32)
    person = Person(5, smooth, body, angles, raw)
    frame = decode(encode_whole(Estimate("cam", 9, 1_000, (640, 480), [person]), 2_000))
    assert isinstance(frame, Frame)
    assert (frame.id, frame.stream, frame.seq, frame.t_us, frame.sent_us) == (0, "cam", 9, 1_000, 2_000)
    [pose] = frame.poses
    for name, array in {
        "image": smooth.image,
        "world": smooth.world,
        "image_raw": raw.image,
        "world_raw": raw.world,
        "bones": turns,
        "root": body.root,
        "rest": rest,
        "angles": angles,
    }.items():
        np.testing.assert_array_equal(getattr(pose, name), array)
    assert (pose.id, pose.held, pose.contact, pose.floor) == (5, (7,), (True, False), -1.5)


def test_what_was_not_solved_is_not_there() -> None:
    frame = decode(encode_whole(Estimate("cam", 9, 1_000, (640, 480), [Person(5, points())]), 2_000))
    assert isinstance(frame, Frame)
    assert frame.poses[0].bones is None
    assert frame.poses[0].angles is None
    np.testing.assert_array_equal(frame.poses[0].image_raw, frame.poses[0].image)


def test_a_view_is_encoded_once_for_all_subscriptions() -> None:
    view = View(("image", "angles"), (0, 5), "f16")
    assert on_demand(view) == {"angles"}
    outgoing = Outgoing(Estimate("cam", 9, 1_000, (640, 480), [Person(5, points())]))
    one, two = (decode(outgoing.message(view, "msgpack", id), dtypes={id: "f16"}) for id in (1, 2))
    assert isinstance(one, Frame)
    assert isinstance(two, Frame)
    assert (one.id, two.id, one.sent_us) == (1, 2, two.sent_us)
    assert one.poses == two.poses
