"""The opening handshake of RFC 6455, without I/O: the request, and what the answer means."""

import base64
import hashlib
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from .address import Address
from .errors import ConnectionLost, Refused, one_line
from .limits import SUBPROTOCOL

MAX_HEAD_BYTES: Final = 16_384
MAX_BODY_BYTES: Final = 16_384
NOT_NOW: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
"""No refusals for good, though below 500."""
MAX_RETRY_AFTER_S: Final = 60.0
"""A server that asks for more patience is tried again after this, all the same."""
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an HTTP answer; header names in lower case, in order."""

    status: int
    phrase: str
    headers: tuple[tuple[str, str], ...]

    def values(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key == name]

    def tokens(self, name: str) -> list[str]:
        """The comma-separated values of a header, in lower case."""
        return [token.strip().lower() for value in self.values(name) for token in value.split(",")]

    @property
    def body_bytes(self) -> int:
        """How long the body is said to be, at most MAX_BODY_BYTES; 0 where it isn't said or comes in pieces."""
        lengths = self.values("content-length")
        known = len(lengths) == 1 and lengths[0].isascii() and lengths[0].isdigit() and len(lengths[0]) < 10
        return min(int(lengths[0]), MAX_BODY_BYTES) if known and "transfer-encoding" not in dict(self.headers) else 0

    @property
    def retry_after_s(self) -> float:
        """How long to wait before another try, at most MAX_RETRY_AFTER_S; 0 where it isn't said in seconds."""
        value = "".join(self.values("retry-after")[-1:])
        is_number = value.isascii() and value.isdigit() and len(value) < 10
        return min(float(value), MAX_RETRY_AFTER_S) if is_number else 0.0


def request(address: Address, token: str, key: str) -> bytes:
    """The upgrade request. Raises Refused for a token that can't travel in a header."""
    if not all("!" <= character <= "~" for character in token):
        raise Refused("the token holds a character that no token has: only ASCII letters, digits and signs")
    lines = [
        f"GET {address.target} HTTP/1.1",
        f"Host: {address.authority}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: {SUBPROTOCOL}",
        "User-Agent: posewire-blender",
    ]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def make_key(random: bytes) -> str:
    """The Sec-WebSocket-Key of 16 random bytes."""
    return base64.b64encode(random).decode("ascii")


def accept_of(key: str) -> str:
    """The Sec-WebSocket-Accept that answers a key."""
    return base64.b64encode(hashlib.sha1(key.encode("ascii") + _GUID, usedforsecurity=False).digest()).decode("ascii")


def split_head(data: bytes) -> tuple[bytes, bytes] | None:
    """Head and what follows it; None where the head isn't whole yet. Raises ConnectionLost where it is too long."""
    end = data.find(b"\r\n\r\n", 0, MAX_HEAD_BYTES)
    if end >= 0:
        return data[:end], data[end + 4 :]
    if len(data) >= MAX_HEAD_BYTES:
        raise ConnectionLost(f"no end of the server's HTTP answer within {MAX_HEAD_BYTES} bytes")
    # Whoever speaks something else is told so at once, not when the time is over.
    if not data.startswith(b"HTTP/1."[: len(data)]):
        raise ConnectionLost("what answers there is no HTTP server")
    return None


def parse_head(head: bytes) -> Answer:
    """The head of an answer. Raises ConnectionLost where it is none."""
    first, *rest = head.decode("latin-1").split("\r\n")
    version, _, status_and_phrase = first.partition(" ")
    status, _, phrase = status_and_phrase.partition(" ")
    if version not in ("HTTP/1.1", "HTTP/1.0") or not (len(status) == 3 and status.isascii() and status.isdigit()):
        raise ConnectionLost("what answers there is no HTTP server")
    headers = []
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise ConnectionLost(f"the server's HTTP answer has a faulty header {one_line(line)[:40]!r}")
        headers.append((name.lower(), value.strip()))
    return Answer(int(status), phrase, tuple(headers))


def check_upgrade(answer: Answer, key: str) -> None:
    """Raise ConnectionLost where an answer with status 101 doesn't open a Posewire connection."""
    faults = (
        ("websocket" not in answer.tokens("upgrade"), "Upgrade"),
        ("upgrade" not in answer.tokens("connection"), "Connection"),
        (answer.values("sec-websocket-accept") != [accept_of(key)], "Sec-WebSocket-Accept"),
        (answer.values("sec-websocket-extensions") != [], "Sec-WebSocket-Extensions"),
        (answer.values("sec-websocket-protocol") != [SUBPROTOCOL], "Sec-WebSocket-Protocol"),
    )
    for is_wrong, header in faults:
        if is_wrong:
            told = ", ".join(answer.values(header.lower()))
            raise ConnectionLost(f"this is no Posewire server: {header} is {one_line(told)[:60]!r}")


def refusal(answer: Answer, body: bytes) -> Refused | ConnectionLost:
    """What an answer other than 101 means: below 500 the server says no, but for NOT_NOW; else it can't now."""
    text = f"HTTP {answer.status}: {_words(answer, body)}"
    is_final = answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and answer.status not in NOT_NOW
    return Refused(text) if is_final else ConnectionLost(text, answer.retry_after_s)


def _words(answer: Answer, body: bytes) -> str:
    """The server's own words: `detail` of problem+json, the first line of plain text, or what the status is called."""
    kind = ",".join(answer.values("content-type")).partition(";")[0].strip().lower()
    if kind in ("application/problem+json", "application/json"):
        try:
            problem = json.loads(body)
        except (ValueError, RecursionError):
            problem = None
        for key in ("detail", "title"):
            if isinstance(problem, dict) and isinstance(problem.get(key), str) and problem[key].strip():
                return str(problem[key])
    elif kind in ("text/plain", "") and body.strip():
        return body.decode("utf-8", "replace").strip().splitlines()[0]
    return answer.phrase or "no reason given"
