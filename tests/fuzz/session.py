"""Fuzz a session: `python -m tests.fuzz.session --minutes 5`. See runner.py.

An input is a conversation: a byte that chooses the form, then messages, each after its length in two bytes.
"""

import struct
from collections.abc import Iterator

from protocol.limits import MAX_SUBSCRIPTIONS
from protocol.messages import Format
from tests.fuzz.invariants import Conversation
from tests.fuzz.runner import bounded, run, vectors

MODULES = ["protocol.codec", "protocol.unpack", "protocol.schema", "protocol.reader", "protocol.skeleton"]
MODULES += ["streamer.hub.session", "streamer.hub.hub"]
MAX_MESSAGES = 80
FRAME_SHARE = 3
"""Times a message's limit that the check of its answers, and of frames of up to 64 subscriptions, may take besides."""


def messages(data: bytes) -> Iterator[bytes]:
    """What the client says."""
    at = 1
    for _ in range(MAX_MESSAGES):
        if at + 2 > len(data):
            return
        (size,) = struct.unpack(">H", data[at : at + 2])
        yield data[at + 2 : at + 2 + size]
        at += 2 + size


def fuzz_session(data: bytes) -> None:
    """One conversation."""
    format: Format = "json" if data[:1] == b"j" else "msgpack"
    said = list(messages(data))

    def converse() -> None:
        conversation = Conversation(format)
        for message in said:
            if not conversation.open:
                break
            conversation.say(message.decode("utf-8", "replace") if format == "json" else message)

    bounded(converse, len(data), FRAME_SHARE * (1 + min(len(said), MAX_SUBSCRIPTIONS)))


def seeds() -> list[bytes]:
    """Each client's golden vector alone, and all of a form one after the other."""
    found = []
    for form, mark in (("msgpack", b"m"), ("json", b"j")):
        parts = [struct.pack(">H", len(data)) + data for data, of in vectors() if of == form and len(data) < 65_000]
        found += [mark + part for part in parts]
        found += [mark + b"".join(parts[at : at + 10]) for at in range(0, len(parts), 10)]
    return found


if __name__ == "__main__":
    run("session", fuzz_session, seeds(), MODULES)
