import asyncio
import os
import signal

import pytest

from streamer.signals import on_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_does_the_action_on_the_loop(number: int) -> None:
    came = asyncio.Event()
    loop = asyncio.get_running_loop()
    on_signals(loop, came.set)
    try:
        os.kill(os.getpid(), number)
        await asyncio.wait_for(came.wait(), 5)
    finally:
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)
