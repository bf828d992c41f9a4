"""The cases of RFC 6455 that concern a client, frame by frame."""

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.blender.tests.feed.servers import raw_frame, unmask
from posewire.feed.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    FrameError,
    FrameReader,
    close_reason,
    encode_close,
    encode_frame,
)
from posewire.feed.limits import MAX_SERVER_MESSAGE_BYTES


def read(data: bytes) -> "list[tuple[int, bytes]]":
    return list(FrameReader().feed(data))


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 128, 65_535, 65_536, 300_000])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_messages_of_every_length(opcode: int, length: int) -> None:
    assert read(raw_frame(opcode, b"*" * length)) == [(opcode, b"*" * length)]


def test_the_longest_control_frame() -> None:
    assert read(raw_frame(PING, b"x" * 125)) == [(PING, b"x" * 125)]


def test_a_masked_frame_is_refused_by_its_head() -> None:
    with pytest.raises(FrameError, match="masked"):
        read(raw_frame(BINARY, b"x", mask=True)[:2])


def test_bytes_may_come_one_by_one_and_many_frames_at_once() -> None:
    data = b"".join(
        (raw_frame(BINARY, b"one"), raw_frame(PING, b"p"), raw_frame(TEXT, "ä".encode()), raw_frame(BINARY, b"x" * 300))
    )
    whole = read(data)
    reader = FrameReader()
    assert [message for byte in data for message in reader.feed(bytes((byte,)))] == whole
    assert [opcode for opcode, _ in whole] == [BINARY, PING, TEXT, BINARY]


def test_pieces_are_put_together_with_control_frames_in_between() -> None:
    data = raw_frame(BINARY, b"a", fin=0) + raw_frame(PING, b"1") + raw_frame(CONTINUATION, b"", fin=0)
    data += raw_frame(PONG) + raw_frame(CONTINUATION, b"b")
    assert read(data) == [(PING, b"1"), (PONG, b""), (BINARY, b"ab")]


def test_a_character_may_be_split_over_pieces() -> None:
    assert read(raw_frame(TEXT, b"\xc3", fin=0) + raw_frame(CONTINUATION, b"\xa4")) == [(TEXT, "ä".encode())]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (raw_frame(BINARY, b"x", rsv=0x40), 1002),
        (raw_frame(BINARY, b"x", rsv=0x20), 1002),
        (raw_frame(PING, b"x", rsv=0x10), 1002),
        (raw_frame(BINARY, b"x", mask=True), 1002),
        *((raw_frame(opcode), 1002) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)),
        (raw_frame(PING, fin=0), 1002),
        (raw_frame(CLOSE, fin=0), 1002),
        (raw_frame(PING, b"x" * 126), 1002),
        (raw_frame(CLOSE, b"x" * 200), 1002),
        (raw_frame(CONTINUATION, b"x"), 1002),
        (raw_frame(CONTINUATION, b"x", fin=0), 1002),
        (raw_frame(BINARY, b"x", fin=0) + raw_frame(BINARY, b"y"), 1002),
        (raw_frame(TEXT, b"x", fin=0) + raw_frame(TEXT, b"y", fin=0), 1002),
        (raw_frame(BINARY, b"a", fin=0) + raw_frame(CONTINUATION, b"b") + raw_frame(CONTINUATION, b"c"), 1002),
        (raw_frame(TEXT, b"\xff"), 1007),
        (raw_frame(TEXT, b"\xed\xa0\x80"), 1007),
        (raw_frame(TEXT, b"\xf4\x90\x80\x80"), 1007),
        (raw_frame(TEXT, b"\xc3", fin=0) + raw_frame(CONTINUATION, b"("), 1007),
        (raw_frame(BINARY)[:1] + b"\x7f" + struct.pack(">Q", 2**63), 1009),
        (raw_frame(BINARY)[:1] + b"\x7f" + struct.pack(">Q", MAX_SERVER_MESSAGE_BYTES + 1), 1009),
        (raw_frame(BINARY, b"x", fin=0) + b"\x80\x7f" + struct.pack(">Q", MAX_SERVER_MESSAGE_BYTES), 1009),
    ],
)
def test_what_breaks_the_rules(data: bytes, code: int) -> None:
    with pytest.raises(FrameError) as caught:
        read(data)
    assert caught.value.code == code


def test_what_came_before_a_fault_is_still_handed_out() -> None:
    messages = FrameReader().feed(raw_frame(BINARY, b"good") + raw_frame(3))
    assert next(messages) == (BINARY, b"good")
    with pytest.raises(FrameError):
        next(messages)


def test_the_largest_message_is_taken() -> None:
    message = bytes(MAX_SERVER_MESSAGE_BYTES)
    assert read(raw_frame(BINARY, message)) == [(BINARY, message)]


@given(st.binary(max_size=60))
def test_whatever_comes_it_is_messages_or_a_frame_error(data: bytes) -> None:
    code = None
    try:
        read(data)
    except FrameError as error:
        code = error.code
    assert code in (None, 1002, 1007, 1009)


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1014, 3000, 3999, 4999])
def test_close_codes_that_may_be_sent(code: int) -> None:
    assert close_reason(struct.pack(">H", code) + "schön".encode()) == (code, "schön")
    assert close_reason(b"") == (None, "")


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])
def test_close_codes_that_may_not(code: int) -> None:
    with pytest.raises(FrameError) as caught:
        close_reason(struct.pack(">H", code))
    assert caught.value.code == 1002


@pytest.mark.parametrize(("payload", "code", "words"), [(b"\x03", 1002, "one byte"), (b"\x03\xe8\xff", 1007, "UTF-8")])
def test_close_frames_that_are_none(payload: bytes, code: int, words: str) -> None:
    with pytest.raises(FrameError, match=words) as caught:
        close_reason(payload)
    assert caught.value.code == code


@pytest.mark.parametrize("length", [0, 1, 3, 4, 125, 126, 60_000])
def test_ours_are_masked(length: int) -> None:
    payload = random.Random(length).randbytes(length)
    frame = encode_frame(BINARY, payload)
    assert unmask(frame) == (BINARY, payload)
    if length > 8:
        assert payload not in frame
        assert encode_frame(BINARY, payload) != frame


def test_a_long_one_of_ours_has_a_long_length() -> None:
    assert encode_frame(BINARY, b"x" * 125)[1] == 0x80 | 125
    assert encode_frame(BINARY, b"x" * 126)[1:4] == b"\xfe\x00\x7e"
    assert encode_frame(BINARY, b"x" * 70_000)[1:10] == b"\xff" + (70_000).to_bytes(8, "big")


def test_a_reason_for_closing_is_cut_to_what_fits() -> None:
    opcode, payload = unmask(encode_close(1002, "ä" * 100))
    assert opcode == CLOSE
    assert close_reason(payload) == (1002, "ä" * 61)
    assert len(unmask(encode_close(1002, "x" * 200))[1]) == 125
