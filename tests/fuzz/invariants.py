"""What holds whatever somebody sends, for every test and tool that sends anything."""

import json
from http import HTTPStatus

import numpy as np

from protocol import Error, Frame, Message, ProtocolError, StreamInfo, Subscribed, decode, encode
from protocol.errors import CLOSE_CODES, CODES, INTERNAL
from protocol.limits import MAX_ERROR_LENGTH, MAX_ID, MAX_SERVER_MESSAGE_BYTES, MAX_SUBSCRIPTIONS
from protocol.messages import FIELDS, Dtype, Format
from streamer.body import Person
from streamer.engine.base import Detection
from streamer.guard.access import Access, Refusal, Visit
from streamer.hub.catalog import Catalog
from streamer.hub.delivery import Client
from streamer.hub.hub import Hub
from streamer.hub.outgoing import Estimate
from streamer.hub.session import Session
from streamer.server.publish import BAD_PICTURE

POINTS = np.random.default_rng(0).uniform(0.2, 0.8, (33, 4)).astype(np.float32)


def check_decode(data: bytes | str) -> None:
    """Any input gives a message, which can be sent on, or a documented error that can be; never another exception."""
    for dtype in ("f32", "f16"):
        try:
            message = decode(data, dtypes={1: dtype})
        except ProtocolError as error:
            assert error.code in CODES
            assert error.message.isprintable(), error.message
            assert len(error.message) <= MAX_ERROR_LENGTH
            assert error.id is None or 0 <= error.id <= MAX_ID
            message = Error(error.code, error.message, error.id)
            assert decode(encode(message)) == decode(encode(message, "json").decode()) == message
        else:
            again = decode(encode(message), dtypes={1: dtype}, max_bytes=MAX_SERVER_MESSAGE_BYTES)
            assert again == message
            assert encode(message, "json")


class Conversation:
    """A client's session on a hub with two streams, whose answers and frames are read as a client would read them."""

    paused = False
    paused_since_us = 0

    def __init__(self, format: Format, query: dict[str, str] | None = None) -> None:
        catalog = Catalog()
        for name in ("left", "right"):
            catalog.add(StreamInfo(name, 640, 480, 30.0, "none", "none"), 1)
        catalog.set_state("right", "lost", "gone", 2)
        self._hub = Hub(catalog)
        self._format: Format = format
        self._session = Session(format, catalog)
        self._client = Client(self._session, self)
        self._seq = 0
        self._dtypes: dict[int, Dtype] = {}
        self._hub.join(self._client)
        self._check(self._session.greet(query or {}, 1))

    @property
    def open(self) -> bool:
        """Whether the client may go on."""
        return self._session.close_code is None

    def say(self, data: bytes | str) -> None:
        """One message of the client, and a picture after it."""
        answers = self._session.receive(data, 5)
        self._check(answers)
        for answer in answers:
            if isinstance(answer, Error):
                assert answer.code != INTERNAL, answer.message
                assert self._session.close_code == CLOSE_CODES.get(answer.code)
        assert self._session.close_code in (None, 1003, 1007)

    def write(self, payload: bytes) -> None:
        """As the hub's Outlet: a frame or an answer reaches the client."""
        message = self._read(payload)
        if isinstance(message, Frame):
            assert message.id in self._session.subscriptions
            view = self._session.subscriptions[message.id].view
            for pose in message.poses:
                for field in FIELDS:
                    array = getattr(pose, field)
                    assert array is None or field in view.fields
                    if array is not None and field in ("image", "world"):
                        assert array.shape == (len(view.landmarks), 4)

    def frame(self, payload: bytes, format: Format) -> bytes:
        """As the hub's Outlet."""
        assert format == self._format
        return payload

    def abort(self, reason: str) -> None:
        """As the hub's Outlet."""
        raise AssertionError(reason)

    def _check(self, answers: list[Message]) -> None:
        for answer in answers:
            if isinstance(answer, Subscribed):
                self._dtypes[answer.id] = answer.dtype
            assert self._read(self._session.encode(answer)) == answer
        subscriptions = self._session.subscriptions
        assert len(subscriptions) <= MAX_SUBSCRIPTIONS
        for id, subscription in subscriptions.items():
            assert id == subscription.id
            assert 0 <= id <= MAX_ID
            assert subscription.interval_us >= 0
            assert subscription.view.fields
            assert len(set(subscription.view.landmarks)) == len(subscription.view.landmarks) > 0
            assert set(subscription.view.landmarks) <= set(range(33))
        self._hub.refresh(self._client)
        self._seq += 1
        person = Person(1, Detection(POINTS, POINTS, 0.9))
        self._hub.publish(Estimate("left", self._seq, self._seq * 1_000_000_000, (640, 480), [person]))

    def _read(self, payload: bytes) -> Message:
        data = payload.decode() if self._format == "json" else payload
        return decode(data, dtypes=self._dtypes, max_bytes=MAX_SERVER_MESSAGE_BYTES)


def check_access(access: Access, visit: Visit) -> None:
    """Whoever comes is let in or refused with words that can be sent."""
    found = access.check(visit)
    if isinstance(found, Refusal):
        assert found.status in (
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.UNAUTHORIZED,
            HTTPStatus.FORBIDDEN,
            HTTPStatus.MISDIRECTED_REQUEST,
            HTTPStatus.TOO_MANY_REQUESTS,
        )
        assert found.text.isprintable()
        assert len(found.text) < 1000
        found.text.encode()


def check_publisher_answer(payload: bytes) -> str:
    """What a publisher is told: its type."""
    answer = json.loads(payload)
    if answer["type"] == "error":
        assert answer["code"] in CODES | {BAD_PICTURE}
        assert len(answer["message"]) <= MAX_ERROR_LENGTH
        assert answer["message"].isprintable()
    else:
        assert answer["type"] in ("ack", "time")
    return str(answer["type"])
