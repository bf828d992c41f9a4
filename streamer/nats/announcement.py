"""A node's `hello` on NATS: the wire's message, with the node's name and which run of it this is."""

from dataclasses import dataclass

import msgpack

from protocol.codec import decode_map
from protocol.errors import BAD_MESSAGE, ProtocolError
from protocol.limits import MAX_NAME_LENGTH, MAX_SERVER_MESSAGE_BYTES
from protocol.messages import Hello
from protocol.reader import Reader
from protocol.schema import from_map, to_map


@dataclass(frozen=True, slots=True)
class Announcement:
    """run: another at each start of the node's process. hello: with no streams, the node takes its leave."""

    node: str
    run: str
    hello: Hello


def encode(announcement: Announcement) -> bytes:
    """As msgpack."""
    data = to_map(announcement.hello) | {"node": announcement.node, "run": announcement.run}
    packed: bytes = msgpack.packb(data)
    return packed


def decode(data: bytes) -> Announcement:
    """What somebody announces. Raises ProtocolError, whatever comes."""
    found = decode_map(data, MAX_SERVER_MESSAGE_BYTES)
    reader = Reader(found, "hello")
    node, run = reader.text("node", MAX_NAME_LENGTH), reader.text("run", MAX_NAME_LENGTH)
    hello = from_map(found, {})
    if not isinstance(hello, Hello):
        raise ProtocolError(BAD_MESSAGE, f"{type(hello).__name__.lower()} is no announcement")
    return Announcement(node, run, hello)
