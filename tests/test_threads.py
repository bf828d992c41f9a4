import asyncio
import threading

import pytest

from streamer.threads import Aside


async def test_results_and_errors_come_back() -> None:
    aside = Aside("making")
    assert await aside.run(lambda a, b: (a + b, threading.current_thread().name), 1, 2) == (3, "making")
    with pytest.raises(ZeroDivisionError):
        await aside.run(lambda: 1 // 0)
    assert aside.join(5)


async def test_work_given_up_goes_on_and_is_waited_for_only_so_long() -> None:
    aside, going_on, done = Aside("making"), threading.Event(), threading.Event()

    def work() -> None:
        assert going_on.wait(30)
        done.set()

    task = asyncio.ensure_future(aside.run(work))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not aside.join(0.05)
    going_on.set()
    assert aside.join(5)
    assert done.is_set()


def test_a_loop_that_has_ended_is_no_trouble_and_does_not_wait() -> None:
    aside, going_on = Aside("making"), threading.Event()

    async def main() -> None:
        aside.run(going_on.wait, 30)

    asyncio.run(main())
    assert not aside.join(0)
    going_on.set()
    assert aside.join(5)
