"""How much of the event loop's time what others send may take, all of them together: the rest is for frames.

A flood can come from so many connections and addresses that none of them asks for too much. Together they would still
fill the loop, from which frames go out, and the processors, on which they are estimated. So there is a share, and while
it is used up reading waits; then an address after the other has its turn.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Final, TypeVar

from streamer.guard.allowance import Allowance

SHARE: Final = 0.1
"""Of the event loop's time, for reading and answering while anybody is sent frames."""
BURST_S: Final = 0.1
"""That much is saved up in a quiet time: a page with all that belongs to it, some dozens of clients."""
RUSH: Final = 0.3
"""Of it while what was saved up is used, or that would be in one go, and three frames would wait for its end."""
RUSH_S: Final = 0.004
"""That much is used in one go."""
TURN_S: Final = 0.002
"""An address that took less in its turn goes on."""

T = TypeVar("T")


class Pace:
    """Who waits, and what was used. Lives on the event loop.

    is_needed: whether there is anybody whom the others would keep waiting; the share is no limit where there isn't.
    """

    def __init__(self, is_needed: Callable[[], bool], clock: Callable[[], float] = time.monotonic) -> None:
        self._is_needed = is_needed
        self._allowances = (Allowance(SHARE, BURST_S, clock), Allowance(RUSH, RUSH_S, clock))
        self._waiting: OrderedDict[str, deque[Callable[[], None]]] = OrderedDict()
        self._turn_s = 0.0
        self._next: asyncio.Handle | None = None

    @property
    def is_free(self) -> bool:
        """Whether somebody who comes now needn't wait."""
        return not self._waiting and not self._owed_s

    def spend(self, took_s: float) -> None:
        """That much of the event loop's time was used: processor time, as waiting for a processor is nobody's doing."""
        if self._is_needed():
            for allowance in self._allowances:
                allowance.spend(took_s)

    def ask(self, address: str, work: Callable[[], None]) -> None:
        """Have `work` called when it is the address's turn, never at once; what it takes is spent."""
        self._waiting.setdefault(address, deque()).append(work)
        self._schedule()

    async def turn(self, address: str) -> None:
        """Wait for a turn, where others wait or the share is used up."""
        if self.is_free:
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def begin() -> None:
            if not turn.done():  # who waited may have been cancelled
                turn.set_result(None)

        self.ask(address, begin)
        await turn

    @property
    def _owed_s(self) -> float:
        return max(allowance.overdrawn_s for allowance in self._allowances)

    def _schedule(self) -> None:
        if self._next is None and self._waiting:
            loop, owed_s = asyncio.get_running_loop(), self._owed_s
            self._next = loop.call_later(owed_s, self._serve) if owed_s else loop.call_soon(self._serve)

    def _serve(self) -> None:
        self._next = None
        if not self._owed_s:
            address, works = next(iter(self._waiting.items()))
            start_s = time.thread_time()
            try:
                works.popleft()()
            finally:
                took_s = time.thread_time() - start_s
                self.spend(took_s)
                self._turn_s += took_s
                if not works:
                    del self._waiting[address]
                    self._turn_s = 0.0
                elif self._turn_s >= TURN_S:
                    self._waiting.move_to_end(address)
                    self._turn_s = 0.0
                self._schedule()
        else:
            self._schedule()


class _Metered(Awaitable[T]):
    """An awaitable, step by step: each step's time is spent of the pace."""

    def __init__(self, work: Awaitable[T], pace: Pace) -> None:
        self._work = work
        self._pace = pace

    def __await__(self) -> Generator[Any, Any, T]:
        steps = self._work.__await__()
        value: Any = None
        error: BaseException | None = None
        while True:
            start_s = time.thread_time()
            try:
                # As `yield from` does it (PEP 380).
                waits_for = steps.throw(error) if error is not None else steps.send(value)
            except StopIteration as end:
                result: T = end.value
                return result
            finally:
                self._pace.spend(time.thread_time() - start_s)
            value, error = None, None
            try:
                value = yield waits_for
            except BaseException as thrown:
                error = thrown


async def metered(pace: Pace, work: Callable[..., Awaitable[T]], *args: Any) -> T:
    """What `work(*args)` returns; what it takes of the event loop's time is spent."""
    return await _Metered(work(*args), pace)
