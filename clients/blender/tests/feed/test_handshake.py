import json

import pytest

from posewire.feed.address import parse_address
from posewire.feed.errors import ConnectionLost, Refused
from posewire.feed.handshake import (
    MAX_HEAD_BYTES,
    accept_of,
    check_upgrade,
    make_key,
    parse_head,
    refusal,
    request,
    split_head,
)

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455, section 1.3
GOOD = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Accept": ACCEPT,
    "Sec-WebSocket-Protocol": "posewire.v1.msgpack",
}


def head(headers: dict, status: str = "101 Switching Protocols") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *(f"{key}: {value}" for key, value in headers.items())]).encode()


def test_the_example_of_the_standard() -> None:
    assert accept_of(KEY) == ACCEPT
    assert make_key(b"the sample nonce") == KEY


def test_the_request() -> None:
    lines = request(parse_address("ws://[::1]:8765/?token=old"), "secret", KEY).decode().split("\r\n")
    assert lines[0] == "GET /stream HTTP/1.1"
    assert "Host: [::1]:8765" in lines
    assert "Authorization: Bearer secret" in lines
    assert "Sec-WebSocket-Protocol: posewire.v1.msgpack" in lines
    assert not any("Extensions" in line or "Origin" in line for line in lines)
    assert lines[-2:] == ["", ""]
    assert b"Authorization" not in request(parse_address("studio:1"), "", KEY)


@pytest.mark.parametrize("token", ["a b", "a\r\nX: y", "schlüssel", "\x00"])
def test_a_token_that_cant_travel_is_refused(token: str) -> None:
    with pytest.raises(Refused, match="token"):
        request(parse_address("studio:1"), token, KEY)


def test_a_good_answer() -> None:
    check_upgrade(parse_head(head(GOOD)), KEY)
    check_upgrade(parse_head(head(GOOD | {"Upgrade": "WebSocket", "Connection": "keep-alive, upgrade"})), KEY)


@pytest.mark.parametrize(
    "change",
    [
        {"Sec-WebSocket-Accept": "x"},
        {"Sec-WebSocket-Accept": ACCEPT.lower()},
        {"Upgrade": "h2c"},
        {"Connection": "close"},
        {"Sec-WebSocket-Protocol": "posewire.v1.json"},
        {"Sec-WebSocket-Extensions": "permessage-deflate"},
    ],
    ids=str,
)
def test_an_answer_that_opens_nothing(change: dict) -> None:
    with pytest.raises(ConnectionLost, match=next(iter(change))):
        check_upgrade(parse_head(head(GOOD | change)), KEY)


@pytest.mark.parametrize("missing", GOOD)
def test_a_header_that_is_missing(missing: str) -> None:
    with pytest.raises(ConnectionLost, match=missing):
        check_upgrade(parse_head(head({key: value for key, value in GOOD.items() if key != missing})), KEY)


def test_a_head_comes_in_pieces() -> None:
    data = head(GOOD) + b"\r\n\r\nrest"
    assert split_head(data[:20]) is None
    assert split_head(b"") is None
    assert split_head(data) == (head(GOOD), b"rest")


def test_a_head_without_end() -> None:
    with pytest.raises(ConnectionLost, match="16384"):
        split_head(b"HTTP/1.1 101 x\r\n" + b"a: b\r\n" * 4000)
    assert split_head(b"HTTP/1.1 101 x\r\n" + b"a" * (MAX_HEAD_BYTES - 17)) is None


@pytest.mark.parametrize("data", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\x15\x03\x01", b"HTTP/2"])
def test_another_kind_of_server_is_told_at_once(data: bytes) -> None:
    with pytest.raises(ConnectionLost, match="no HTTP server"):
        split_head(data)


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1", b"HTTP/1.1 1x1 y", b"HTTP/1.1 1000 y", b"HTTP/1.1 101 x\r\n: y", b"HTTP/1.1 101 x\r\n a: b"]
)
def test_a_head_that_is_none(data: bytes) -> None:
    with pytest.raises(ConnectionLost):
        parse_head(data)


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "text"),
    [
        ("401 Unauthorized", {"Content-Type": "text/plain"}, b"wrong token\nmore", Refused, "HTTP 401: wrong token"),
        ("503 Service Unavailable", {}, b"full", ConnectionLost, "HTTP 503: full"),
        ("500 Oh", {}, b"", ConnectionLost, "HTTP 500: Oh"),
        ("429 Too Many Requests", {}, b"32 connections", ConnectionLost, "HTTP 429: 32 connections"),
        ("408 Request Timeout", {}, b"", ConnectionLost, "HTTP 408: Request Timeout"),
        ("499 Odd", {}, b"", Refused, "HTTP 499: Odd"),
        ("302 Found", {"Content-Type": "text/html"}, b"<html>", Refused, "HTTP 302: Found"),
        ("404", {}, b"", Refused, "HTTP 404: no reason given"),
        (
            "403 Forbidden",
            {"Content-Type": "application/problem+json; charset=utf-8"},
            json.dumps({"title": "Forbidden", "detail": "pages of 'x' may not"}).encode(),
            Refused,
            "HTTP 403: pages of 'x' may not",
        ),
        ("400 Bad", {"Content-Type": "application/problem+json"}, b'{"title": "T"}', Refused, "HTTP 400: T"),
        ("400 Bad", {"Content-Type": "application/json"}, b"[" * 9000, Refused, "HTTP 400: Bad"),
        ("400 Bad", {"Content-Type": "application/json"}, b'{"detail": 7}', Refused, "HTTP 400: Bad"),
        ("400 Bad", {"Content-Type": "text/plain"}, b"\xff\x1b[31m" + b"x" * 999, Refused, None),
    ],
)
def test_what_the_server_says_when_it_says_no(status, headers, body, kind, text) -> None:
    error = refusal(parse_head(head(headers, status)), body)
    assert type(error) is kind
    assert str(error).isprintable()
    assert len(str(error)) <= 200
    assert text is None or str(error) == text


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after": "60"}, 60),
        ({"Retry-After": "61"}, 60),
        ({"Retry-After": "-1"}, 0),
        ({"Retry-After": "1.5"}, 0),
        ({"Retry-After": "\u0663"}, 0),
        ({"Retry-After": "9" * 5000}, 0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({}, 0),
    ],
    ids=lambda value: str(value)[:40],
)
def test_how_long_the_server_asks_to_wait(headers: dict, wait_s: float) -> None:
    error = refusal(parse_head(head(headers, "429 Too Many Requests")), b"")
    assert isinstance(error, ConnectionLost)
    assert error.retry_after_s == wait_s


@pytest.mark.parametrize(
    ("headers", "size"),
    [
        ({"Content-Length": "20"}, 20),
        ({"Content-Length": "99999999"}, 16_384),
        ({"Content-Length": "-1"}, 0),
        ({"Content-Length": "9" * 5000}, 0),
        ({"Content-Length": "5", "Transfer-Encoding": "chunked"}, 0),
        ({}, 0),
    ],
)
def test_how_much_of_a_body_is_read(headers: dict, size: int) -> None:
    assert parse_head(head(headers, "400 Bad")).body_bytes == size
