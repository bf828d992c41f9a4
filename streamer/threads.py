"""Blocking work beside the event loop, in threads that the process's end doesn't wait for."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Aside:
    """What calls native code that may hang: opening cameras, making engines.

    asyncio's own pool joins its threads before the loop ends, however long one of them hangs.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._threads: set[threading.Thread] = set()

    def run(self, work: Callable[..., T], *args: object) -> "asyncio.Future[T]":
        """Start it in a thread of its own. Whoever gives up the future doesn't end the work. From the event loop."""
        done: Future[T] = Future()
        done.set_running_or_notify_cancel()  # or giving up would leave a result with nowhere to go
        thread = threading.Thread(target=self._work, args=(done, work, args), name=self._name, daemon=True)
        self._threads.add(thread)
        thread.start()
        return asyncio.wrap_future(done)

    def _work(self, done: "Future[Any]", work: Callable[..., Any], args: tuple[object, ...]) -> None:
        try:
            result = work(*args)
        except BaseException as error:
            done.set_exception(error)
        else:
            done.set_result(result)
        self._threads.discard(threading.current_thread())

    def join(self, timeout_s: float) -> bool:
        """Wait for what is at work. False where it hasn't ended in that time."""
        until_s = time.monotonic() + timeout_s
        threads = list(self._threads)
        for thread in threads:
            thread.join(max(0.0, until_s - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)
