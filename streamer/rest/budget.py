"""Memory that uploads and the answers to them may hold, all together."""

import asyncio
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from streamer.rest.problem import Problem

if sys.version_info >= (3, 11):
    from asyncio import timeout
else:
    from async_timeout import timeout

MAX_HELD_BYTES = 12_000_000
"""Of pictures that came and answers that nobody has read yet."""
PATIENCE_S = 10.0
"""How long a request waits for room; then it is given up."""


class Budget:
    """Who holds how much. For one event loop."""

    def __init__(self, max_bytes: int = MAX_HELD_BYTES) -> None:
        self.max_bytes = max_bytes
        self.shares: dict[int, int] = {}
        self._numbers = itertools.count()
        self._news = asyncio.Event()

    @property
    def held(self) -> int:
        """Bytes held now."""
        return sum(self.shares.values())

    @contextmanager
    def share(self) -> "Iterator[Share]":
        """What one request holds; nothing any more when the block is left."""
        number = next(self._numbers)
        self.shares[number] = 0
        try:
            yield Share(self, number)
        finally:
            del self.shares[number]
            self.tell()

    def tell(self) -> None:
        """There is more room: those who wait look again."""
        self._news.set()
        self._news = asyncio.Event()

    async def news(self) -> None:
        """Wait until there is more room."""
        await self._news.wait()


class Share:
    """The part of one request."""

    def __init__(self, budget: Budget, number: int) -> None:
        self._budget = budget
        self._number = number

    async def take(self, size: int, oldest_may: bool = True) -> None:
        """Hold so many bytes more, once there is room. Raises Problem 503 where none comes to be.

        oldest_may: the oldest request needn't wait, for all would wait for each other.
        """
        if not self._has_room(size, oldest_may):
            try:
                async with timeout(PATIENCE_S):
                    while not self._has_room(size, oldest_may):
                        await self._budget.news()
            except (TimeoutError, asyncio.TimeoutError):
                text = f"uploads and answers hold {self._budget.held:,} bytes; at most {self._budget.max_bytes:,}"
                raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, text, 1) from None
        self._budget.shares[self._number] += size

    def give(self, size: int) -> None:
        """Hold so many bytes less."""
        self._budget.shares[self._number] -= size
        self._budget.tell()

    def _has_room(self, size: int, oldest_may: bool) -> bool:
        budget = self._budget
        return (oldest_may and self._number == min(budget.shares)) or budget.held + size <= budget.max_bytes
