import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import ProtocolError
from protocol.messages import Time
from protocol.schema import to_map
from streamer.hub.catalog import Catalog
from streamer.hub.session import describe
from streamer.nats.announcement import Announcement, decode, encode
from tests.nats.ends import INFO


def made() -> Announcement:
    catalog = Catalog()
    catalog.add(INFO, 1)
    return Announcement("studio", "a1b2", describe(catalog, 77))


def test_it_comes_back_as_it_was() -> None:
    assert decode(encode(made())) == made()


def test_it_is_the_wires_hello_with_two_more_keys() -> None:
    data = msgpack.unpackb(encode(made()))
    assert (data.pop("node"), data.pop("run")) == ("studio", "a1b2")
    assert data == to_map(made().hello)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"node": None}, "node"),
        ({"run": 7}, "run"),
        ({"node": "x" * 65}, "node has 65 characters; at most 64"),
        ({"streams": [1]}, "streams"),
        ({"type": "time", "t0_us": 1}, "time is no announcement"),
    ],
)
def test_what_is_none_is_said_in_words(changes: dict, reason: str) -> None:
    with pytest.raises(ProtocolError, match=reason):
        decode(msgpack.packb(msgpack.unpackb(encode(made())) | changes))


@given(st.binary(max_size=300))
def test_whatever_comes_only_protocol_errors(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(data)
    with pytest.raises(ProtocolError):
        decode(msgpack.packb(to_map(Time(1))))
