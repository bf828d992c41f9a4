import logging
import socket
import threading
import time

import pytest
from pythonosc.osc_bundle import OscBundle

from streamer.errors import UsageError
from streamer.hub.outgoing import Estimate
from streamer.output.osc import MAX_BUNDLE_BYTES, MAX_FPS, OscOutput, Target, bundles, message, parse_target


@pytest.mark.parametrize(
    ("text", "family", "address"),
    [
        ("127.0.0.1", socket.AF_INET, ("127.0.0.1", 39539)),
        ("127.0.0.1:9000", socket.AF_INET, ("127.0.0.1", 9000)),
        ("[::1]", socket.AF_INET6, ("::1", 39539, 0, 0)),
        ("[::1]:1", socket.AF_INET6, ("::1", 1, 0, 0)),
    ],
)
def test_targets(text: str, family: socket.AddressFamily, address: tuple[object, ...]) -> None:
    assert parse_target(text, 39539) == Target(family, address)


def test_a_target_is_shown_as_it_is_written() -> None:
    for text in ("127.0.0.1:9000", "[::1]:1"):
        assert str(parse_target(text, 39539)) == text


def test_a_name_of_both_kinds_is_taken_for_the_address_where_receivers_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [
        (socket.AF_INET6, socket.SOCK_DGRAM, 17, "", ("::1", 5, 0, 0)),
        (socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("127.0.0.1", 5)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    assert parse_target("localhost:5", 39539) == Target(socket.AF_INET, ("127.0.0.1", 5))


def test_the_scope_of_an_address_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(socket.AF_INET6, socket.SOCK_DGRAM, 17, "", ("fe80::1", 5, 0, 3))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    assert parse_target("[fe80::1%eth0]:5", 39539).address == ("fe80::1", 5, 0, 3)


@pytest.mark.parametrize(
    "text", ["", ":9000", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "a b", "::1", "h:1:2", "[::1", "h:x"]
)
def test_what_is_no_target_is_named(text: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_target(text, 39539)
    assert repr(text) in str(error.value)


def test_a_name_that_is_unknown_is_named() -> None:
    with pytest.raises(UsageError, match=r"receiver 'no\.such\.invalid:1': "):
        parse_target("no.such.invalid:1", 39539)


def test_bundles_are_full_but_never_over_the_limit() -> None:
    messages = [message("/a/b", "name", index, 0.5) for index in range(200)]
    packed = bundles(messages)
    assert all(bundle.size <= MAX_BUNDLE_BYTES for bundle in packed)
    assert all(bundle.size > MAX_BUNDLE_BYTES - 60 for bundle in packed[:-1])
    assert [item.params for bundle in packed for item in bundle] == [item.params for item in messages]


def estimate(seq: int) -> Estimate:
    return Estimate("cam", seq, seq, (1, 1), [])


class Receiver:
    """Counts the packets that reach a socket."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.3)
        self.target = Target(socket.AF_INET, self.socket.getsockname())

    def all(self) -> list[OscBundle]:
        found = []
        try:
            while True:
                found.append(OscBundle(self.socket.recv(65536)))
        except TimeoutError:
            return found
        finally:
            self.socket.close()


def build(item: Estimate) -> list[OscBundle]:
    return bundles([message("/n", item.seq)])


def test_the_newest_goes_out_at_most_so_many_times_a_second() -> None:
    receiver = Receiver()
    output = OscOutput("VMC", receiver.target, build)
    output.start()
    start = time.monotonic()
    for seq in range(1, 301):
        output.publish(estimate(seq))
        time.sleep(0.002)
    taken_s = time.monotonic() - start
    time.sleep(0.1)
    output.stop(1.0)
    numbers = [item.params[0] for bundle in receiver.all() for item in bundle]
    assert numbers[-1] == 300
    assert numbers == sorted(set(numbers))
    assert 5 < len(numbers) <= (taken_s + 0.1) * MAX_FPS + 2


def test_a_receiver_that_cannot_be_reached_costs_one_line(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = Receiver()
    output = OscOutput("VMC", receiver.target, build)
    broken = threading.Event()
    broken.set()
    real = output._socket

    class Unreachable:
        """A socket of a machine without a way there, which can't be made here."""

        def sendto(self, data: bytes, address: tuple[str, int]) -> None:
            if broken.is_set():
                raise OSError(101, "Network is unreachable")
            real.sendto(data, address)

        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None:
            real.close()

    monkeypatch.setattr(output, "_socket", Unreachable())
    with caplog.at_level(logging.INFO, "posewire"):
        output.start()
        for seq in range(1, 11):
            output.publish(estimate(seq))
            time.sleep(0.03)
        broken.clear()
        output.publish(estimate(11))
        time.sleep(0.1)
        output.stop(1.0)
    assert [record.getMessage() for record in caplog.records] == [
        f"VMC to {receiver.target}: can't be reached (Network is unreachable); it is tried with every frame"
    ]
    assert [item.params for bundle in receiver.all() for item in bundle] == [[11]]


def test_nobody_listening_costs_nothing() -> None:
    receiver = Receiver()
    receiver.socket.close()
    output = OscOutput("VMC", receiver.target, build)
    output.start()
    for seq in range(1, 50):
        output.publish(estimate(seq))
        time.sleep(0.005)
    start = time.monotonic()
    output.stop(1.0)
    assert time.monotonic() - start < 0.5
    assert not output._thread.is_alive()


def test_a_frame_that_cannot_be_built_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    receiver = Receiver()

    def build_some(estimate: Estimate) -> list[OscBundle]:
        if estimate.seq == 1:
            raise ValueError("no such thing")
        return build(estimate)

    output = OscOutput("VMC", receiver.target, build_some)
    with caplog.at_level(logging.INFO, "posewire"):
        output.start()
        for seq in (1, 2):
            output.publish(estimate(seq))
            time.sleep(0.1)
        output.stop(1.0)
    assert [record.getMessage() for record in caplog.records] == [
        f"VMC to {receiver.target}: a frame is left out (ValueError: no such thing)"
    ]
    assert [item.params for bundle in receiver.all() for item in bundle] == [[2]]
