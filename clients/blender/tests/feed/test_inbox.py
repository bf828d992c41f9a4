from posewire.feed.clock import ClockSync
from posewire.feed.inbox import Inbox
from posewire.feed.limits import MAX_STREAMS
from posewire.feed.messages import Dropped, Frame, Hello, Skeleton, Status, StreamInfo
from posewire.feed.take import TakeRecorder


def hello(*streams: str) -> Hello:
    infos = tuple(StreamInfo(id, 1, 1, 30, "e", "m") for id in streams)
    return Hello(1, "fake", 0, infos, Skeleton((), ()))


def frame(stream: str, t_us: int) -> Frame:
    return Frame(1, stream, t_us, t_us, t_us, (1, 1), ())


def test_any_stream_is_the_first_in_the_servers_order_that_sends() -> None:
    inbox, clock = Inbox(), ClockSync()
    assert inbox.channel("*") is None
    inbox.greet(hello("a", "b"), clock)
    inbox.put(frame("later", 1), 1, clock)
    assert inbox.channel("*").latest().stream == "later"
    inbox.put(frame("b", 1), 1, clock)
    assert inbox.channel("*").latest().stream == "b"
    inbox.put(frame("a", 1), 1, clock)
    assert inbox.channel("*").latest().stream == "a"
    assert inbox.channel("b").latest().stream == "b"
    assert inbox.channel("c") is None
    assert inbox.received == 3


def test_a_new_connection_keeps_what_is_shown_but_for_streams_that_are_gone() -> None:
    inbox, clock = Inbox(), ClockSync()
    inbox.greet(hello("a", "b"), clock)
    inbox.put(frame("a", 1), 1, clock)
    inbox.put(frame("b", 1), 1, clock)
    inbox.tell(Status("a", "lost", "unplugged", 1))
    assert inbox.statuses["a"].detail == "unplugged"
    inbox.greet(hello("b"), ClockSync())
    assert inbox.channel("a") is None
    assert inbox.channel("b").latest().t_us == 1
    assert inbox.statuses == {}


def test_what_the_server_left_out_is_counted_over_connections() -> None:
    inbox = Inbox()
    inbox.recorder = recorder = TakeRecorder("a")
    inbox.greet(hello("a", "b"), ClockSync())
    for message in (Dropped(1, "a", 3), Dropped(1, "b", 4), Dropped(1, "a", 5)):
        inbox.drop(message)
    assert inbox.dropped == 9
    inbox.greet(hello("a"), ClockSync())
    inbox.drop(Dropped(1, "a", 1))
    assert inbox.dropped == 10
    assert recorder.finish(None, ()).dropped == 6


def test_streams_that_come_and_go() -> None:
    inbox = Inbox("b")
    inbox.greet(hello("a", "b"), ClockSync())
    for stream in ("a", "b"):
        inbox.put(frame(stream, 1), 1, ClockSync())
        inbox.drop(Dropped(1, stream, 2))
        inbox.tell(Status(stream, "ended", "node hall has left", 1, gone=True))
        assert inbox.channel(stream) is None
    assert (inbox.hello.streams, inbox.dropped, list(inbox.statuses)) == ((), 4, ["b"])
    (info,) = hello("b").streams
    inbox.tell(Status("b", "live", "", 2, info))
    inbox.drop(Dropped(1, "b", 1))
    inbox.put(frame("b", 1), 1, ClockSync())
    assert (inbox.hello.streams, inbox.dropped, inbox.statuses["b"].gone) == ((info,), 5, False)
    assert inbox.channel("*").latest().stream == "b"


def test_the_list_of_streams_has_an_end() -> None:
    inbox = Inbox()
    inbox.greet(hello(), ClockSync())
    for i in range(100):
        (info,) = hello(f"s{i}").streams
        inbox.tell(Status(info.id, "live", "", i, info))
    assert len(inbox.hello.streams) == MAX_STREAMS
