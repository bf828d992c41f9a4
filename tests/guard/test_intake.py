import asyncio

import pytest

from streamer.guard.intake import Hold, Intake
from streamer.guard.pace import BURST_S, SHARE, Pace


class Transport(asyncio.Transport):
    """Of a transport what an intake uses."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = True

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        assert self.reading
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading
        self.reading = True


class Line:
    """An intake with all that was fed by it."""

    def __init__(self) -> None:
        self.transport = Transport()
        self.fed: list[bytes] = []
        self.pace = Pace(lambda: True)
        self.intake = Intake(self.transport, self.feed, self.pace, "a", 3)

    def feed(self, data: bytes) -> None:
        self.fed.append(data)


@pytest.fixture
def line() -> Line:
    return Line()


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_little_is_fed_at_once(line: Line) -> None:
    line.intake.take(b"abc")
    assert line.fed == [b"abc"]
    assert line.transport.reading


async def test_much_is_fed_a_slice_a_turn_and_no_more_is_read_meanwhile(line: Line) -> None:
    line.intake.take(b"abcdefgh")
    assert line.fed == [b"abc"]
    assert not line.transport.reading
    await turns(1)
    assert line.fed == [b"abc", b"def"]
    assert not line.transport.reading
    await turns(1)
    assert line.fed == [b"abc", b"def", b"gh"]
    assert line.transport.reading


@pytest.mark.parametrize("why", [Hold.READER, Hold.WRITER, Hold.ALLOWANCE])
async def test_nothing_is_fed_while_there_is_a_reason(line: Line, why: Hold) -> None:
    line.intake.take(b"abcdef")
    line.intake.hold(why)
    await turns(5)
    assert line.fed == [b"abc"]
    line.intake.release(why)
    await turns(2)
    assert line.fed == [b"abc", b"def"]
    assert line.transport.reading


async def test_nothing_received_is_nothing_to_wait_for(line: Line) -> None:
    line.intake.hold(Hold.ENTRY)
    line.intake.take(b"")
    line.intake.release(Hold.ENTRY)
    assert line.transport.reading
    line.intake.take(b"abc")
    assert line.fed == [b"abc"]


async def test_every_reason_has_to_go(line: Line) -> None:
    line.intake.hold(Hold.WRITER)
    line.intake.hold(Hold.ALLOWANCE)
    line.intake.hold(Hold.ALLOWANCE)
    line.intake.take(b"abc")  # received before the pause
    line.intake.release(Hold.WRITER)
    await turns(3)
    assert not line.transport.reading
    assert line.fed == []
    line.intake.release(Hold.ALLOWANCE)
    await turns(3)
    assert line.transport.reading
    assert line.fed == [b"abc"]


async def test_a_hold_of_the_parser_s_own_stops_what_is_left(line: Line) -> None:
    line.feed = lambda data: (line.fed.append(data), line.intake.hold(Hold.READER))  # type: ignore[method-assign]
    line.intake = Intake(line.transport, line.feed, line.pace, "a", 3)
    line.intake.take(b"abcdef")
    await turns(3)
    assert line.fed == [b"abc"]
    line.intake.release(Hold.READER)
    await turns(3)
    assert line.fed == [b"abc", b"def"]


async def test_the_end_comes_after_all_else(line: Line) -> None:
    line.intake.take(b"abcdef")
    line.intake.finish(lambda: line.fed.append(b"end"))
    assert line.intake.is_behind
    await turns(3)
    assert line.fed == [b"abc", b"def", b"end"]
    line.intake.finish(lambda: line.fed.append(b"at once"))
    assert line.fed[-1] == b"at once"


async def test_what_is_dropped_goes_to_somebody_else(line: Line) -> None:
    line.intake.take(b"abcdef")
    assert line.intake.drop() == b"def"
    assert line.transport.reading
    line.intake.hold(Hold.WRITER)
    assert line.transport.reading
    await turns(3)
    assert line.fed == [b"abc"]


async def test_slices_grow_while_they_take_little_and_shrink_where_they_take_long(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = Intake(line.transport, line.feed, line.pace, "a", 2, 8)
    intake.take(b"x" * 40)
    await turns(5)
    assert [len(data) for data in line.fed[:4]] == [2, 4, 8, 8]
    monkeypatch.setattr("streamer.guard.intake.SLICE_S", -1.0)  # as if all took long
    line.fed.clear()
    intake.take(b"x" * 40)
    await turns(20)
    assert [len(data) for data in line.fed[-3:]] == [2, 2, 2]


async def test_while_the_share_is_used_up_nothing_is_read(line: Line) -> None:
    line.pace.spend(BURST_S + SHARE * 0.1)
    line.intake.take(b"ab")
    line.intake.take(b"cd")
    assert line.fed == []
    assert line.intake.is_behind
    assert not line.transport.reading
    while not line.pace.is_free:
        await asyncio.sleep(0.01)
    assert line.fed == [b"abc", b"d"]
    assert line.transport.reading


async def test_who_left_before_its_turn_isn_t_fed(line: Line) -> None:
    line.pace.spend(BURST_S + SHARE * 0.05)
    line.intake.take(b"ab")
    assert line.intake.drop() == b"ab"
    while not line.pace.is_free:
        await asyncio.sleep(0.01)
    assert line.fed == []


async def test_who_is_above_the_pace_waits_for_nobody(line: Line) -> None:
    line.pace.spend(1000)
    line.intake.leave_pace()
    line.intake.take(b"abcd")
    assert line.fed == [b"abc"]
    await turns(3)
    assert line.fed == [b"abc", b"d"]
