import asyncio
import time
from collections.abc import Iterator

import pytest

from streamer.guard.pace import BURST_S, RUSH, RUSH_S, SHARE, TURN_S, Pace, metered
from tests.guard.conftest import Clock


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(lambda: True, clock)


def exhaust(pace: Pace, owed_s: float = 0.0) -> None:
    pace.spend(BURST_S + SHARE * owed_s)


def spin(seconds: float) -> None:
    """Take so much processor time."""
    end_s = time.thread_time() + seconds
    while time.thread_time() < end_s:
        pass


async def turns(count: int = 3) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_burst_is_spread_and_then_the_share_is_held(pace: Pace, clock: Clock) -> None:
    pace.spend(RUSH_S)
    assert pace.is_free
    pace.spend(BURST_S - RUSH_S)
    assert not pace.is_free
    clock.now_s += 0.99 * (BURST_S - RUSH_S) / RUSH
    assert not pace.is_free
    clock.now_s += 0.02 * (BURST_S - RUSH_S) / RUSH
    assert pace.is_free
    clock.now_s += 100
    exhaust(pace, 1.0)  # a second for what is owed: by then the burst has been spread
    clock.now_s += 0.99
    assert not pace.is_free
    clock.now_s += 0.02
    assert pace.is_free


async def test_nothing_is_limited_where_nobody_is_kept_waiting(clock: Clock) -> None:
    heard = False
    pace = Pace(lambda: heard, clock)
    pace.spend(100)
    assert pace.is_free
    heard = True
    pace.spend(100)
    assert not pace.is_free


async def test_who_waits_is_called_when_there_is_time_again() -> None:
    pace = Pace(lambda: True)
    exhaust(pace, 0.1)
    called: list[float] = []
    asked_s = time.monotonic()
    pace.ask("a", lambda: called.append(time.monotonic() - asked_s))
    await turns(10)
    assert called == []
    assert not pace.is_free
    while not called:
        await asyncio.sleep(0.01)
    assert called[0] >= 0.09
    assert pace.is_free


async def test_addresses_take_turns_however_many_connections_they_have(pace: Pace, clock: Clock) -> None:
    order: list[str] = []

    def work(name: str) -> None:
        order.append(name)
        spin(TURN_S)  # a whole turn
        clock.now_s += 1  # and there is time again

    for name in ("a1", "a2", "a3", "b1", "c1", "c2"):
        pace.ask(name[0], lambda name=name: work(name))  # type: ignore[misc]
    await asyncio.sleep(0.1)
    assert order == ["a1", "b1", "c1", "a2", "c2", "a3"]


async def test_little_work_goes_on_in_the_same_turn(pace: Pace) -> None:
    order: list[str] = []
    for name in ("a1", "a2", "b1"):
        pace.ask(name[0], lambda name=name: order.append(name))  # type: ignore[misc]
    await asyncio.sleep(0.02)
    assert order == ["a1", "a2", "b1"]


async def test_who_asks_within_its_turn_is_served_later(pace: Pace) -> None:
    order: list[str] = []

    def again() -> None:
        order.append("a")
        if len(order) < 4:
            pace.ask("a", again)

    pace.ask("a", again)
    assert order == []
    await asyncio.sleep(0.02)
    assert order == ["a"] * 4
    assert pace.is_free


async def test_work_that_fails_keeps_nobody_waiting(pace: Pace) -> None:
    order: list[str] = []
    pace.ask("a", lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    pace.ask("b", lambda: order.append("b"))
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: faults.append(context["exception"]))
    await asyncio.sleep(0.02)
    assert order == ["b"]
    assert [type(fault) for fault in faults] == [ZeroDivisionError]


async def test_a_turn_that_nobody_waits_for_any_more(pace: Pace, clock: Clock) -> None:
    await pace.turn("a")  # free: at once
    exhaust(pace, 1.0)
    waiting = asyncio.create_task(pace.turn("a"))
    other = asyncio.create_task(pace.turn("b"))
    await turns()
    assert not other.done()
    waiting.cancel()
    await turns()
    clock.now_s += 2
    pace.ask("c", lambda: None)
    await asyncio.wait_for(other, 15)
    assert waiting.cancelled()


class Steps:
    """Something to await that suspends, and says what it was given."""

    def __init__(self, *waits_s: float) -> None:
        self.waits_s = waits_s

    def __await__(self) -> Iterator[None]:
        for wait_s in self.waits_s:
            spin(wait_s)
            yield None


async def test_each_step_is_spent_and_waiting_is_not(pace: Pace, monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[float] = []
    monkeypatch.setattr(Pace, "spend", lambda self, took_s: spent.append(took_s))

    async def work(first: int, second: int) -> int:
        await Steps(0.02, 0.01)
        await asyncio.sleep(0.1)
        return first + second

    assert await metered(pace, work, 1, 2) == 3
    assert len(spent) == 4
    assert spent[0] >= 0.02
    assert spent[1] >= 0.01
    assert sum(spent[2:]) < 0.05


async def test_errors_and_cancelling_pass_through(pace: Pace) -> None:
    seen: list[str] = []

    async def fails() -> None:
        await asyncio.sleep(0)
        raise KeyError("x")

    async def waits() -> str:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise
        return "never"

    async def bears() -> str:
        try:
            await asyncio.wait_for(asyncio.sleep(3600), 0.01)
        except asyncio.TimeoutError:
            return "timed out"
        return "never"

    with pytest.raises(KeyError):
        await metered(pace, fails)
    assert await metered(pace, bears) == "timed out"
    task = asyncio.create_task(metered(pace, waits))
    await turns()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["cancelled"]
    never_begun = asyncio.create_task(metered(pace, waits))
    never_begun.cancel()
    with pytest.raises(asyncio.CancelledError):
        await never_begun
    assert seen == ["cancelled"]
