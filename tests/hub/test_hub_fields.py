import numpy as np
import pytest

from protocol import ANGLES, BONES, StreamInfo, Subscribe, Unsubscribe
from protocol.messages import Format
from streamer.body import Body, Person
from streamer.engine.base import Detection
from streamer.hub.catalog import Catalog
from streamer.hub.hub import Hub
from streamer.hub.outgoing import Estimate
from tests.pipes import DETECTION, connect, estimate, make_hub, say


@pytest.fixture
def hub() -> Hub:
    return make_hub()


def body() -> Body:
    rng = np.random.default_rng(3)
    bones = rng.normal(size=(len(BONES), 4)).astype(np.float32)
    rest = rng.normal(size=(len(BONES), 3)).astype(np.float32)
    return Body(bones, np.array([0.5, -0.25, -3], np.float32), -1.23456, rest, (3, 7), (True, False))


def solved(*fields: str) -> Estimate:
    angles = np.arange(len(ANGLES), dtype=np.float32)
    angles[2] = np.nan
    with_body = body() if {"bones", "rest"} & set(fields) else None
    person = Person(1, DETECTION, with_body, angles if "angles" in fields else None)
    return Estimate("a", 1, 16_667, (640, 480), [person], frozenset(fields))


def test_bodies_and_angles_are_made_only_where_somebody_wants_them(hub: Hub) -> None:
    assert hub.wanted("a") == frozenset()
    client, _ = connect(hub, Subscribe(1, "a"))
    assert hub.wanted("a") == frozenset()
    say(hub, client, Subscribe(1, "a", ("bones", "world")))
    other, _ = connect(hub, Subscribe(1, "*", ("angles",)))
    assert (hub.wanted("a"), hub.wanted("b")) == ({"bones", "angles"}, {"angles"})
    say(hub, client, Unsubscribe(1))
    assert hub.wanted("a") == {"angles"}
    hub.leave(other)
    assert hub.wanted("a") == hub.wanted("b") == frozenset()


@pytest.mark.parametrize("format", ["msgpack", "json"])
def test_a_solved_body_reaches_its_subscribers(hub: Hub, format: Format) -> None:
    _, pipe = connect(hub, Subscribe(1, "a", ("bones", "rest", "angles")), format=format)
    hub.publish(solved("bones", "rest", "angles"))
    [frame] = pipe.messages()
    [pose] = frame.poses
    np.testing.assert_allclose(pose.bones, body().bones, atol=1e-6)
    np.testing.assert_allclose(pose.root, [0.5, -0.25, -3])
    np.testing.assert_allclose(pose.rest, body().rest, atol=1e-6)
    assert (pose.held, pose.contact, pose.floor) == ((3, 7), (True, False), -1.2346)
    assert np.isnan(pose.angles[2])
    assert pose.angles[3] == 3
    assert pose.image is None


def test_one_who_wants_bones_gets_no_frame_that_has_none(hub: Hub) -> None:
    """Frames estimated a moment before the first such subscription go to the others alone."""
    _, plain = connect(hub, Subscribe(1, "a", ("world",)))
    _, wants = connect(hub, Subscribe(1, "a", ("world", "bones")), Subscribe(2, "a", ("angles",)))
    hub.publish(estimate())
    hub.publish(solved("angles"))
    assert len(plain.written) == 2
    assert [frame.id for frame in wants.messages()] == [2]


def test_nobody_in_the_picture_is_told_to_those_who_want_bones_too(hub: Hub) -> None:
    _, pipe = connect(hub, Subscribe(1, "a", ("bones",)))
    hub.publish(Estimate("a", 1, 16_667, (640, 480), [], frozenset({"bones"})))
    assert [frame.poses for frame in pipe.messages()] == [()]


def test_raw_landmarks_are_those_before_smoothing_or_the_same() -> None:
    catalog = Catalog()
    catalog.add(StreamInfo("a", 640, 480, 30.0, "scripted", "none"), 0)
    hub = Hub(catalog)
    _, pipe = connect(hub, Subscribe(1, "a", ("image", "image_raw", "world_raw"), ("nose",)))
    raw = Detection(DETECTION.image + 1, DETECTION.world + 2, 0.9)
    for seq, person in enumerate((Person(1, DETECTION, raw=raw), Person(1, DETECTION)), 1):
        hub.publish(Estimate("a", seq, seq * 16_667, (640, 480), [person]))
    first, second = (frame.poses[0] for frame in pipe.messages())
    np.testing.assert_allclose(first.image_raw - first.image, np.ones((1, 4)), atol=1e-6)
    np.testing.assert_allclose(first.world_raw, raw.world[:1], atol=1e-6)
    np.testing.assert_array_equal(second.image_raw, second.image)
