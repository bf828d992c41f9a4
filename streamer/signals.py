"""Ctrl-C and SIGTERM, which end what runs cleanly."""

import asyncio
import signal
import sys
from collections.abc import Callable


def on_signals(loop: asyncio.AbstractEventLoop, action: Callable[[], None]) -> None:
    """Do `action` on the event loop at SIGINT and SIGTERM, from now on. From the main thread."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(action))
        else:
            loop.add_signal_handler(number, action)
