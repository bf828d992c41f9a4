"""A publisher, whatever it sends: each picture is answered, and ten faults in a row end it."""

import asyncio
import json
import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from streamer.server.publish import MAX_FAULTS, Publisher
from streamer.source.browser import Browser
from tests import bombs
from tests.fuzz.invariants import check_publisher_answer
from tests.protocol.test_codec import LIKELY

WHOLE = bombs.jpeg()


class Pipe:
    """A connection that keeps what is written to it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed: list[tuple[int, str]] = []

    def frame(self, payload: bytes, format: str) -> bytes:
        assert format == "json"
        return payload

    def write(self, payload: bytes) -> None:
        self.written.append(payload)

    async def close(self, code: int, reason: str) -> None:
        self.closed.append((code, reason))


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A JPEG with some bytes changed, cut or doubled."""
    data = bytearray(draw(st.sampled_from([WHOLE, bombs.progressive_jpeg(64, 64, 3), bombs.jpeg_claiming(5000, 40)])))
    for _ in range(draw(st.integers(0, 4))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    start, end = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
    return bytes(
        draw(st.sampled_from([data, data[:end], data[start:], data[:start] + data[end:], data + data[start:]]))
    )


TIMES = st.integers(0, 2**64 - 1).map(lambda t_us: struct.pack("<Q", t_us))
PICTURES = st.builds(bytes.__add__, TIMES, broken() | st.just(WHOLE)) | st.binary(max_size=30)
TEXTS = st.text(max_size=50) | LIKELY.map(lambda tree: json.dumps(tree, default=lambda data: data.hex()))


@given(st.lists(PICTURES | TEXTS | st.just('{"type":"time","t0_us":1}'), max_size=15))
@settings(max_examples=150)
def test_whatever_a_publisher_sends(messages: list[bytes | str]) -> None:
    async def converse() -> None:
        browser, pipe = Browser(), Pipe()
        assert browser.claim()
        publisher = Publisher("phone", browser, pipe)  # type: ignore[arg-type]
        faults = 0
        for data in messages:
            before = len(pipe.written)
            if isinstance(data, str):
                publisher._answer(data)
            else:
                publisher._take(data)
                if (publication := browser._waiting.take()) is not None:
                    look(publication)
            while len(pipe.written) == before:  # what is decoded is told through the loop
                await asyncio.sleep(0)
            (answer,) = pipe.written[before:]
            kind = check_publisher_answer(answer)
            faults = faults + 1 if kind == "error" else 0 if kind == "ack" else faults
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            if faults == MAX_FAULTS:
                assert pipe.closed == [(1007, f"{MAX_FAULTS} faulty messages in a row")]
                return
            assert pipe.closed == []

    asyncio.run(converse())


def look(publication) -> None:
    """What the capture thread does with a picture."""
    from streamer.errors import SourceError
    from streamer.source.jpeg import decode

    try:
        assert decode(publication.jpeg).ndim == 3
    except SourceError as error:
        publication.answer(str(error))
    else:
        publication.answer(None)
