"""The 64 KiB messages that cost a decoder most, by what they try. Made by construction; a fuzzer hardly gets here."""

import json
import struct
from collections.abc import Callable, Iterator
from itertools import count, product

from protocol.codec import decode
from protocol.errors import ProtocolError
from protocol.limits import BYTES_PER_VALUE, MAX_CLIENT_MESSAGE_BYTES

SIZE = MAX_CLIENT_MESSAGE_BYTES
VALUES = SIZE // BYTES_PER_VALUE
MAX_CPU_S = 0.010
MAX_MEMORY_BYTES = 2_000_000
EMOJI = "\U0001f600"
HEAD = b"\x82\xa4type\xa4time\xa1x"
JSON_HEAD, JSON_TAIL = '{"type":"time","x":', "}"
ROOM = SIZE - len(HEAD) - 5
JSON_ROOM = SIZE - len(JSON_HEAD) - len(JSON_TAIL)


def array(element: bytes, elements: int | None = None) -> bytes:
    """A message with an array of this element in an unknown key: as many as there is room for."""
    elements = ROOM // len(element) if elements is None else elements
    return HEAD + b"\xdd" + struct.pack(">I", elements) + element * elements


def a_map(pairs: list[bytes]) -> bytes:
    return b"\xdf" + struct.pack(">I", len(pairs) + 1) + b"\xa4type\xa4time" + b"".join(pairs)


def sized(mark: bytes, data: bytes) -> bytes:
    return HEAD + mark + struct.pack(">I", len(data)) + data


def json_array(element: str, elements: int | None = None) -> str:
    elements = (JSON_ROOM - 2) // (len(element.encode()) + 1) if elements is None else elements
    return JSON_HEAD + "[" + ",".join([element] * elements) + "]" + JSON_TAIL


def json_value(text: str) -> str:
    return JSON_HEAD + text + JSON_TAIL


def fitting(make: Callable[[str], str]) -> str:
    """Pairs of a JSON map with keys of their own, until the message is full."""
    pairs, room = [], SIZE - 20
    for letters in product("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", repeat=3):
        room -= len(make("".join(letters))) + 1
        if room < 0:
            break
        pairs.append(make("".join(letters)))
    return '{"type":"time",' + ",".join(pairs) + "}"


def keys() -> Iterator[bytes]:
    return (b"\xa3%03x" % number for number in count())


def msgpack_cases() -> dict[str, bytes]:
    subscribe = b"\x83\xa4type\xa9subscribe\xa2id\x01\xa9landmarks"
    distinct = [key for key, _ in zip(keys(), range(4096), strict=False)]
    return {
        "64k nulls": array(b"\xc0"),
        "64k empty maps": array(b"\x80"),
        "64k empty arrays": array(b"\x90"),
        "64k empty strings": array(b"\xa0"),
        "32k empty byte strings": array(b"\xc4\x00"),
        "maps of one pair each": array(b"\x81\xa0\xc0"),
        "maps of a map each": array(b"\x81\xa0\x80"),
        "maps of an array each": array(b"\x81\xa0\x90"),
        "maps of two maps each": array(b"\x82\xa0\x80\xa1a\x80"),
        "arrays of an array each": array(b"\x91\x90"),
        "arrays of 15 arrays each": array(b"\x9f" + b"\x90" * 15),
        "maps five deep, side by side": array(b"\x81\xa0" * 5 + b"\x80"),
        "short strings": array(b"\xa2ab"),
        "short strings beyond ASCII": array(b"\xa4" + EMOJI.encode()),
        "32-bit floats": array(b"\xca\x00\x00\x00\x01"),
        "64-bit floats": array(b"\xcb\x00\x00\x00\x01\x00\x00\x00\x00"),
        "16-bit integers": array(b"\xd1\x7f\xff"),
        "timestamps": array(b"\xd6\xff\x00\x00\x00\x01"),
        "extension types": array(b"\xd4\x05\x00"),
        "13k keys": a_map([key + b"\xc0" for key in distinct] * 3),
        "13k keys with a map each": a_map([key + b"\x80" for key in distinct] * 3),
        "a key many times": a_map([b"\xa1a\xc0"] * 21_000),
        "an empty key many times": a_map([b"\xa0\xc0"] * 32_000),
        "bytes as keys": a_map([b"\xc4\x00\xc0"] * 21_000),
        "an array that claims 2^32 - 1 elements": HEAD + b"\xdd\xff\xff\xff\xff" + b"\xc0" * 65_000,
        "a map that claims 2^32 - 1 pairs": HEAD + b"\xdf\xff\xff\xff\xff" + b"\xc0" * 65_000,
        "a string that claims 2^32 - 1 bytes": HEAD + b"\xdb\xff\xff\xff\xff" + b"a" * 65_000,
        "bytes that claim 2^32 - 1": HEAD + b"\xc6\xff\xff\xff\xff" + b"a" * 65_000,
        "an extension that claims 2^32 - 1 bytes": HEAD + b"\xc9\xff\xff\xff\xff\x05" + b"a" * 65_000,
        "a tower of arrays that claim 65,535": b"\xdc\xff\xff" * (SIZE // 3),
        "the same in a map": HEAD + b"\xdc\xff\xff" * (ROOM // 3),
        "a tower of arrays that claim 32,767": HEAD + b"\xdc\x7f\xff" * (ROOM // 3),
        "a tower of arrays that claim 4095": HEAD + b"\xdc\x0f\xff" * (ROOM // 3),
        "a tower of maps that claim 32,767": HEAD + b"\xde\x7f\xff\xa0" * (ROOM // 4),
        "nested 64k deep": b"\x91" * SIZE,
        "nested 1000 deep, then 64k maps": b"\x81\xa0" * 1000 + array(b"\x80", 60_000),
        "a long string": sized(b"\xdb", b"a" * ROOM),
        "a long string beyond ASCII": sized(b"\xdb", EMOJI.encode() * (ROOM // 4)),
        "a long string, the last character beyond ASCII": sized(b"\xdb", b"a" * (ROOM - 4) + EMOJI.encode()),
        "a long string that isn't UTF-8": sized(b"\xdb", b"a" * (ROOM - 1) + b"\xff"),
        "long bytes": sized(b"\xc6", b"a" * ROOM),
        "a long type": b"\x81\xa4type\xdb" + struct.pack(">I", 65_000) + EMOJI.encode() * 16_250,
        "a long key": b"\x81\xdb" + struct.pack(">I", 65_000) + EMOJI.encode() * 16_250 + b"\xc0",
        "64k landmarks": subscribe + b"\xdd" + struct.pack(">I", 65_000) + b"\x00" * 65_000,
        "a long landmark": subscribe + b"\x91\xdb" + struct.pack(">I", 64_000) + EMOJI.encode() * 16_000,
        # As many values as there may be: these are parsed.
        "4095 nulls": array(b"\xc0", VALUES - 2),
        "4095 empty maps": array(b"\x80", VALUES - 2),
        "2047 maps of a map each": array(b"\x81\xa0\x80", VALUES // 2 - 1),
        "4095 strings": array(b"\xae" + b"ab" * 7, VALUES - 2),
        "4095 short strings beyond ASCII": array(b"\xac" + EMOJI.encode() * 3, VALUES - 2),
        "4095 64-bit floats": array(b"\xcb\x00\x00\x00\x01\x00\x00\x00\x00", VALUES - 2),
        "4095 64-bit integers": array(b"\xcf" + b"\xff" * 8, VALUES - 2),
        "4095 keys": a_map([key + b"\xc0" for key in distinct[: VALUES - 1]]),
        "4095 keys with a map each": a_map([key + b"\x80" for key in distinct[: VALUES // 2]]),
        "512 maps seven deep, side by side": array(b"\x81\xa0" * 6 + b"\x80", 512),
    }


def json_cases() -> dict[str, str]:
    halfway = "1.00000000000000011102230246251565404236316680908203125"
    return {
        "64k zeros": json_array("0"),
        "empty maps": json_array("{}"),
        "empty arrays": json_array("[]"),
        "empty strings": json_array('""'),
        "strings of a character": json_array('"a"'),
        "strings beyond ASCII": json_array(f'"{EMOJI}"'),
        "strings of an escape": json_array('"\\u00e9"'),
        "floats": json_array("0.1"),
        "exponents": json_array("1e9"),
        "not a number": json_array("NaN"),
        "minus zeros": json_array("-0"),
        "maps of a number each": json_array('{"":0}'),
        "maps of a map each": json_array('{"":{}}'),
        "arrays of an array each": json_array("[[]]"),
        "empty maps with spaces": json_array("{ }"),
        "empty maps beside a character beyond ASCII": json_value(f'["{EMOJI}",' + "{}," * 21_000 + "0]"),
        "zeros beside a character beyond ASCII": json_value(f'["{EMOJI}",' + "0," * 32_000 + "0]"),
        "64k digits": "1" * SIZE,
        "a number of 64k digits": json_value("1" * JSON_ROOM),
        "numbers of 4300 digits": json_array("9" * 4300),
        "negative numbers of 4299 digits": json_array("-" + "9" * 4299),
        "numbers of 1000 digits": json_array("9" * 1000),
        "numbers of 100 digits": json_array("9" * 100),
        "a fraction of 64k digits": json_value("0." + "1" * (JSON_ROOM - 2)),
        "a fraction of 64k digits with an exponent": json_value("1" * (JSON_ROOM - 10) + ".1e-300"),
        "fractions of 800 digits": json_array("1." + "7" * 798 + "e-300"),
        "the largest floats": json_array("1.7976931348623157e308"),
        "denormal floats": json_array("2.2250738585072011e-308"),
        "floats halfway between two": json_array(halfway),
        "an exponent of 99999": json_value("1e99999"),
        "an exponent of 64k digits": json_value("1e" + "9" * (JSON_ROOM - 2)),
        "nested 64k deep": "[" * SIZE,
        "nested 32k deep and closed": "[" * (SIZE // 2) + "]" * (SIZE // 2),
        "nested 900 deep, then empty maps": "[" * 900 + "{}," * 21_000,
        "maps nested 16k deep": '{"":' * (SIZE // 4),
        "maps nested 900 deep, then empty maps": '{"":' * 900 + "[" + "{}," * 20_000,
        "a long string": json_value('"' + "a" * (JSON_ROOM - 2) + '"'),
        "a long string beyond ASCII": json_value('"' + EMOJI * ((JSON_ROOM - 2) // 4) + '"'),
        "a string of escapes": json_value('"' + "\\u00e9" * ((JSON_ROOM - 2) // 6) + '"'),
        "a string of short escapes": json_value('"' + "\\n" * ((JSON_ROOM - 2) // 2) + '"'),
        "a string of characters and escapes by turns": json_value('"' + "a\\n" * ((JSON_ROOM - 2) // 3) + '"'),
        "a string of surrogate pairs": json_value('"' + "\\ud83d\\ude00" * ((JSON_ROOM - 2) // 12) + '"'),
        "a string of halves of pairs": json_value('"' + "\\ud800" * ((JSON_ROOM - 2) // 6) + '"'),
        "a string of commas": json_value('"' + "," * (JSON_ROOM - 2) + '"'),
        "a string of escaped quotes that isn't closed": '{"type":"' + '\\"' * 32_000 + ",",
        "commas, then quotes": "," * 32_000 + '"' * 32_000,
        "backslashes": "," * 5000 + '"' + "\\" * 60_000,
        "13k keys": fitting(lambda key: f'"{key}":0'),
        "keys with a map each": fitting(lambda key: f'"{key}":{{}}'),
        "a key many times": '{"type":"time"' + ',"":0' * 13_000 + "}",
        "white space": json_value(" " * (JSON_ROOM - 1) + "0"),
        "white space, then a message": " " * (SIZE - 2) + "{}",
        "line breaks, then an error": "{" + "\n" * (SIZE - 2) + "x",
        "a string that isn't closed": '{"type":"' + "a" * (SIZE - 10),
        "a long type": '{"type":"' + "\u202e" * 21_000 + '"}',
        # As many values as there may be: these are parsed.
        "4095 zeros": json_array("0", VALUES - 2),
        "4095 empty maps": json_array("{}", VALUES - 2),
        "2047 maps of a map each": json_array('{"":{}}', VALUES // 2 - 1),
        "4095 strings": json_array('"abcdefghijklm"', VALUES - 2),
        "4095 strings beyond ASCII": json_array(f'"{EMOJI}"', VALUES - 2),
        "4095 strings of escapes": json_array('"\\u00e9\\u00e9"', VALUES - 2),
        "4095 floats": json_array("0.12345678901", VALUES - 2),
        "4095 numbers of 15 digits": json_array("9" * 15, VALUES - 2),
        "many values and a string of commas": json_value('["' + "," * 30_000 + '"' + ",0" * (VALUES - 3) + "]"),
        "rows of numbers where a frame has them": json.dumps(
            {"type": "frame", "id": 1, "stream": "s", "seq": 1, "t_us": 1, "sent_us": 1, "size": [1, 1]}
            | {"poses": [{"id": 1, "score": 0, "image": [[0.5] * 4] * 33, "world": [[0.5] * 4] * 33}] * 8}
        ),
    }


def cases() -> dict[str, bytes | str]:
    """All, by name. None is over the limit of a client's message, which the WebSocket library would refuse."""
    found: dict[str, bytes | str] = {f"msgpack: {name}": data for name, data in msgpack_cases().items()}
    found |= {f"JSON: {name}": text for name, text in json_cases().items()}
    return found


def outcome(data: bytes | str) -> str:
    """What decoding gives: the message's type, or the error's code."""
    try:
        return type(decode(data)).__name__.lower()
    except ProtocolError as error:
        return error.code
