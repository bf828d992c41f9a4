import logging
import socket

import pytest

from streamer.access import Access, is_loopback, make_access, make_token
from streamer.config import ServeConfig

LOCAL = "127.0.0.1"
HOST = ("Host", "127.0.0.1:8765")


def status(access: Access, *headers: tuple[str, str], path: str = "/stream", token: str | None = None) -> int:
    refusal = access.check(path, list(headers), token, LOCAL)
    return refusal.status.value if refusal else 200


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1:8765", 200),
        ("127.0.0.1", 200),
        ("localhost:8765", 200),
        ("LOCALHOST.", 200),
        (socket.gethostname(), 200),
        ("cam.example", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("10.1.2.3:8765", 421),
        ("", 421),
        ("localhost:port", 421),
        ("user@localhost", 421),
        ("localhost/evil", 421),
        ("[::1", 421),
    ],
)
def test_host_has_to_be_ours(host: str, expected: int) -> None:
    assert status(Access(None, allowed_hosts=["Cam.Example"]), ("Host", host)) == expected


def test_an_ipv6_socket_knows_its_address_and_the_mapped_one() -> None:
    access = Access(None)
    assert access.check("/", [("Host", "[::1]:1")], None, "::1") is None
    assert access.check("/", [("Host", "192.0.2.7:1")], None, "::ffff:192.0.2.7") is None
    assert access.check("/", [("Host", "[fe80::1]")], None, "fe80::1%eth0") is None


def test_exactly_one_host_header() -> None:
    assert status(Access(None)) == 400
    assert status(Access(None), HOST, HOST) == 400


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://127.0.0.1:8765", 200),
        ("https://127.0.0.1:8765", 200),
        ("https://app.example", 200),
        ("http://127.0.0.1:8766", 403),
        ("http://evil.example", 403),
        ("https://app.example.evil.example", 403),
        ("null", 403),
        ("", 403),
        ("file://127.0.0.1:8765", 403),
    ],
)
def test_origin_is_the_same_or_allowed(origin: str, expected: int) -> None:
    assert status(Access(None, allowed_origins=["https://app.example/"]), HOST, ("Origin", origin)) == expected


def test_token_by_query_or_header() -> None:
    access = Access("s3cret")
    assert status(access, HOST) == 401
    assert status(access, HOST, token="wrong") == 401
    assert status(access, HOST, token="") == 401
    assert status(access, HOST, token="ünïcode") == 401
    assert status(access, HOST, token="s3cret") == 200
    assert status(access, HOST, ("Authorization", "Bearer s3cret")) == 200
    assert status(access, HOST, ("authorization", "bearer s3cret")) == 200
    assert status(access, HOST, ("Authorization", "Basic s3cret")) == 401
    assert status(access, HOST, ("Authorization", "Bearer wrong"), token="s3cret") == 401


def test_what_needs_no_token_holds_nothing() -> None:
    access = Access("s3cret")
    assert status(access, HOST, path="/static/index.js") == 200
    assert status(access, HOST, path="/healthz") == 200
    assert status(access, HOST, path="/") == 401
    assert status(access, HOST, path="/streams") == 401


def test_a_refusal_never_shows_the_token() -> None:
    refusal = Access("s3cret").check("/", [HOST], "wrong", LOCAL)
    assert refusal is not None
    assert "s3cret" not in refusal.text


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False)],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_tokens_are_random_and_safe_in_urls() -> None:
    tokens = {make_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 22 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)


@pytest.mark.parametrize(
    ("config", "has_token", "warns"),
    [
        (ServeConfig(), False, False),
        (ServeConfig(host="0.0.0.0"), True, False),
        (ServeConfig(host="0.0.0.0", allow_hosts=("cam.example",)), True, False),
        (ServeConfig(host="0.0.0.0", no_auth=True), False, False),
        (ServeConfig(allow_hosts=("cam.example",)), False, True),
        (ServeConfig(allow_hosts=("cam.example",), token="s3cret"), True, False),
        (ServeConfig(allow_hosts=("cam.example",), no_auth=True), False, False),
    ],
)
def test_who_is_let_in_without_a_token_is_said(
    config: ServeConfig, has_token: bool, warns: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        access = make_access(config)
    assert (access.token is not None) == has_token
    assert ["cam.example" in line for line in caplog.messages] == [True] * warns
