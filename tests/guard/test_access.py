import logging
import socket
from typing import Any

import pytest

from streamer.config import ServeConfig
from streamer.errors import UsageError
from streamer.guard.access import Access, Refusal, Role, Visit, is_loopback, make_access, make_token

LOCAL = "127.0.0.1"
HOST = ("Host", "127.0.0.1:8765")


def visit(*headers: tuple[str, str], local: str | None = LOCAL, **more: Any) -> Visit:
    return Visit(more.pop("path", "/stream"), list(headers), more.pop("token", None), "192.0.2.9", local, **more)


def status(access: Access, *headers: tuple[str, str], **more: Any) -> int:
    checked = access.check(visit(*headers, **more))
    return checked.status.value if isinstance(checked, Refusal) else 200


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
    assert status(access, ("Host", "[::1]:1"), local="::1") == 200
    assert status(access, ("Host", "192.0.2.7:1"), local="::ffff:192.0.2.7") == 200
    assert status(access, ("Host", "[fe80::1]"), local="fe80::1%eth0") == 200


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
    assert status(access, HOST, token="s3cret") == 200
    assert status(access, HOST, ("Authorization", "Bearer s3cret")) == 200
    assert status(access, HOST, ("authorization", "bearer s3cret")) == 200
    assert status(access, HOST, ("Authorization", "Basic s3cret")) == 401
    for wrong in ("wrong", "", "ünïcode", "s3cret ", "\ud800", "s" * 100_000):
        assert status(Access("s3cret"), HOST, token=wrong) == 401
    assert status(Access("s3cret"), HOST, ("Authorization", "Bearer wrong"), token="s3cret") == 401


def test_the_read_token_opens_what_changes_nothing() -> None:
    access = Access("s3cret", "w4tch")
    assert access.check(visit(HOST, token="w4tch")) is Role.READ
    assert access.check(visit(HOST, token="s3cret")) is Role.CONTROL
    assert status(access, HOST, token="w4tch", needs=Role.CONTROL) == 403
    assert status(access, HOST, token="s3cret", needs=Role.CONTROL) == 200
    # Shown together they open what the lesser opens.
    both = visit(HOST, ("Authorization", "Bearer s3cret"), token="w4tch")
    assert access.check(both) is Role.READ
    assert Access(None).check(visit(HOST, needs=Role.CONTROL)) is Role.CONTROL


def test_five_wrong_tokens_lock_an_address_out_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    access = Access("s3cret")
    assert [status(access, HOST, token=f"wrong{n}") for n in range(6)] == [401] * 5 + [429]
    refusal = access.check(visit(HOST, token="s3cret"))
    assert isinstance(refusal, Refusal)
    assert (refusal.status.value, refusal.retry_after_s) == (429, 60)
    assert "192.0.2.9" in refusal.text
    assert status(access, HOST) == 401  # to show none is no guess
    assert status(access, HOST, path="/healthz") == 200
    elsewhere = Visit("/", [HOST], "s3cret", "192.0.2.10", LOCAL)
    assert access.check(elsewhere) is Role.CONTROL
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "192.0.2.9 showed 5 wrong tokens" in caplog.text
    assert "wrong4" not in caplog.text


def test_what_goes_on_showing_an_old_token_locks_nobody_out() -> None:
    access = Access("s3cret")
    assert [status(access, HOST, token="old") for _ in range(20)] == [401] * 20
    assert status(access, HOST, token="s3cret") == 200


def test_a_token_for_watching_is_no_wrong_token() -> None:
    access = Access("s3cret", "w4tch")
    assert [status(access, HOST, token="w4tch", needs=Role.CONTROL) for _ in range(10)] == [403] * 10
    assert status(access, HOST, token="w4tch") == 200


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("::ffff:127.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", ["10.9.9.9, 192.0.2.1"], "192.0.2.1"),  # what the client wrote itself isn't believed
        ("127.0.0.1", ["10.9.9.9", "192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", ["192.0.2.1, 127.0.0.1"], "192.0.2.1"),
        ("127.0.0.1", ["10.9.9.9, rubbish"], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("192.0.2.7", ["10.9.9.9"], "192.0.2.7"),
    ],
)
def test_who_asks_through_a_proxy(peer: str, forwarded: list[str], expected: str) -> None:
    assert Access(None, proxies=["127.0.0.1"]).client_address(peer, forwarded) == expected


def test_guessing_through_a_proxy_locks_out_who_guesses() -> None:
    access = Access("s3cret", proxies=["127.0.0.1"])

    def status_of(client: str, token: str) -> int:
        headers = [HOST, ("X-Forwarded-For", client)]
        checked = access.check(Visit("/", headers, token, "127.0.0.1", LOCAL))
        return checked.status.value if isinstance(checked, Refusal) else 200

    assert [status_of("192.0.2.1", f"wrong{n}") for n in range(6)] == [401] * 5 + [429]
    assert status_of("192.0.2.2", "s3cret") == 200


def test_what_needs_no_token_holds_nothing() -> None:
    access = Access("s3cret")
    assert status(access, HOST, path="/static/index.js") == 200
    assert status(access, HOST, path="/healthz") == 200
    assert status(access, HOST, path="/") == 401
    assert status(access, HOST, path="/streams") == 401


def test_a_refusal_never_shows_the_token() -> None:
    access = Access("s3cret", "w4tch")
    for token in (None, "wrong", "w4tch"):
        refusal = access.check(visit(HOST, token=token, needs=Role.CONTROL))
        assert isinstance(refusal, Refusal)
        assert "s3cret" not in refusal.text
        assert "w4tch" not in refusal.text


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


def test_where_one_token_is_needed_there_are_two() -> None:
    for config in (ServeConfig(host="0.0.0.0"), ServeConfig(token="s3cret"), ServeConfig(read_token="w4tch")):
        access = make_access(config)
        assert access.token
        assert access.read_token
        assert access.token != access.read_token
    assert make_access(ServeConfig(read_token="w4tch")).read_token == "w4tch"
    assert make_access(ServeConfig()).read_token is None


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (ServeConfig(token="same", read_token="same"), "are the same"),
        (ServeConfig(no_auth=True, read_token="w4tch"), "--no-auth"),
    ],
)
def test_settings_that_contradict_each_other(config: ServeConfig, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        make_access(config)
