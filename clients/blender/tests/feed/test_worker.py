"""The loop of the thread, run in the test's own thread where that is enough."""

import threading

import pytest

from clients.blender.tests.feed.servers import (
    FakeServer,
    free_port,
    opened,
    raw_frame,
    raw_server,
    read_request,
    unmask,
    until,
    wait_for_end,
)
from posewire.feed import worker
from posewire.feed.inbox import Inbox
from posewire.feed.messages import Subscribe
from posewire.feed.worker import Settings, State, Worker
from protocol import Error


def settings(address: str, **changes: object) -> Settings:
    wish = Subscribe(1, changes.pop("stream", "*"), changes.pop("fields", ("world",)), changes.pop("max_fps", None))
    return Settings(address, **{"token": "", "wish": wish, "verify": True, "ca_file": ""} | changes)


class Log:
    """Stops the worker after the n-th report, or wait."""

    def __init__(self, reports: int = 1) -> None:
        self.reports: list[tuple[State, str]] = []
        self.waits_s: list[float] = []
        self._left = reports
        self._stop = threading.Event()

    def report(self, state: State, reason: str) -> None:
        self.reports.append((state, reason))
        if len(self.reports) >= self._left:
            self._stop.set()

    def is_set(self) -> bool:
        return self._stop.is_set()

    def wait(self, timeout: float) -> bool:
        self.waits_s.append(timeout)
        return self.is_set()


def run(given: Settings, reports: int = 1) -> Log:
    log = Log(reports)
    Worker(given, Inbox(), log, log.report).run()
    return log


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (settings("no address"), "'no address' is no address"),
        (settings("studio:1", stream=""), "the stream's name has 0 characters; 1 to 64"),
        (settings("studio:1", stream="x" * 65), "the stream's name has 65 characters; 1 to 64"),
        (settings("studio:1", max_fps=0.0), "at most 0 frames a second: the limit is from 0.01 to 1000"),
        (settings("studio:1", max_fps=float("nan")), "at most nan frames"),
        (settings("studio:1", fields=()), "of image, world, bones, rest, angles"),
        (settings("studio:1", fields=("world", "world")), "fields world, world: each once"),
        (settings("studio:1", fields=("skin",)), "fields skin"),
        (settings("studio:1", token="a b"), "token"),
        (settings("wss://studio:1", ca_file="/nowhere/ca.pem"), "/nowhere/ca.pem"),
    ],
)
def test_what_the_user_got_wrong_is_refused_in_one_line(given: Settings, words: str) -> None:
    if "token" in words:
        with raw_server(wait_for_end) as server:
            ((state, reason),) = run(settings(f"127.0.0.1:{server.port}", token="a b"), 9).reports
    else:
        ((state, reason),) = run(given, 9).reports
    assert state is State.REFUSED
    assert words in reason
    assert reason.isprintable()


def test_it_tries_again_and_again() -> None:
    log = run(settings(f"127.0.0.1:{free_port()}"), 6)
    assert [state for state, _ in log.reports] == [State.LOST] * 6
    assert all("refused" in reason for _, reason in log.reports)
    for wait_s, most_s in zip(log.waits_s, (0.25, 0.5, 1, 2, 4, 5), strict=True):
        assert most_s / 2 <= wait_s <= most_s


def test_a_server_that_asks_to_wait_is_asked_again_after_that() -> None:
    answers = iter(["retry-after: 42\r\n", "retry-after: 3600\r\n", "retry-after: 0\r\n", ""])

    def script(connection) -> None:
        read_request(connection)
        head = f"HTTP/1.1 429 Too Many Requests\r\n{next(answers)}content-length: 15\r\n\r\n"
        connection.sendall(head.encode() + b"32 connections\n")

    with raw_server(script) as server:
        log = run(settings(f"127.0.0.1:{server.port}"), 4)
    assert log.reports == [(State.LOST, "HTTP 429: 32 connections")] * 4
    assert log.waits_s[:2] == [42, 60]
    for wait_s, most_s in zip(log.waits_s[2:], (1, 2), strict=True):  # as ever
        assert most_s / 2 <= wait_s <= most_s


def test_a_fault_of_ours_is_shown_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("oh\nno")

    monkeypatch.setattr(worker, "WebSocket", broken)
    log = run(settings("studio:1"), 3)
    assert log.reports == [(State.LOST, "a fault of this receiver: KeyError: 'oh\\nno'")] * 3


def test_silence_is_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "SILENCE_S", 0.2)
    with raw_server(opened(wait_for_end)) as server:
        ((state, reason),) = run(settings(f"127.0.0.1:{server.port}")).reports
    assert (state, reason) == (State.LOST, "nothing came from the server for 0.2 s")


def test_signs_of_life_are_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posewire.feed.session.ANSWER_LIMIT_US", 300_000)
    over = threading.Event()

    def ping(connection) -> None:
        while not over.wait(0.01):
            connection.sendall(raw_frame(9))

    with raw_server(opened(ping)) as server:
        ((state, reason),) = run(settings(f"127.0.0.1:{server.port}")).reports
        over.set()
    assert (state, reason) == (State.LOST, "the server doesn't answer to the subscription")


@pytest.mark.parametrize(
    ("data", "words", "code"),
    [
        (raw_frame(2, b"garbage"), "isn't the protocol: not msgpack", 1007),
        (raw_frame(1, b"{}"), "isn't the protocol: a text message", 1003),
        (raw_frame(2, b"\x81\xa4type\xa4time"), "isn't the protocol: ", 1002),
        (b"garbage" * 100, "broke the WebSocket protocol", 1002),
    ],
)
def test_what_isnt_the_protocol_is_said(data: bytes, words: str, code: int) -> None:
    heard: list[bytes] = []
    with raw_server(opened(lambda c: (c.sendall(data), heard.append(wait_for_end(c))))) as server:
        ((state, reason),) = run(settings(f"127.0.0.1:{server.port}")).reports
    assert state is State.LOST
    assert words in reason
    frame = heard[0]
    while frame[0] & 0x0F != 8:  # the subscription and the question for the time come first
        frame = frame[6 + (frame[1] & 0x7F) :]
    assert unmask(frame)[1][:2] == code.to_bytes(2, "big")


def test_a_subscription_that_the_server_refuses(fake: FakeServer) -> None:
    fake.refusal = Error("unavailable_field", "this server solves no bones", 1)
    ((state, reason),) = run(settings(f"127.0.0.1:{fake.port}"), 9).reports
    assert (state, reason) == (State.REFUSED, "unavailable_field: this server solves no bones")


def test_while_live_the_waits_begin_anew(fake: FakeServer) -> None:
    log = Log(5)
    thread = threading.Thread(target=Worker(settings(f"127.0.0.1:{fake.port}"), Inbox(), log, log.report).run)
    thread.start()
    for count in (1, 2):
        until(lambda count=count: len(fake.wishes) == count and len(log.reports) == 2 * count - 1)
        fake.cut()
        until(lambda count=count: len(log.waits_s) == count)
    until(lambda: len(log.reports) == 5)
    thread.join()
    assert [state for state, _ in log.reports] == [State.LIVE, State.LOST, State.LIVE, State.LOST, State.LIVE]
    assert all(wait_s <= 0.25 for wait_s in log.waits_s)
