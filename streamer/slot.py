"""A latest-wins slot: what stands between two threads instead of a queue."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Slot(Generic[T]):
    """Holds at most one item; a newer one replaces it, so a slow consumer sees fewer items, never older ones.

    One producer, one consumer, any threads. `replaced` counts the items that were overwritten unseen.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._item: T | None = None
        self._closed = False
        self.replaced = 0

    def put(self, item: T) -> bool:
        """Store `item`, replacing one not yet taken. False when the slot is closed or an item was replaced."""
        with self._condition:
            if self._closed:
                return False
            fresh = self._item is None
            self.replaced += not fresh
            self._item = item
            self._condition.notify_all()
            return fresh

    def put_wait(self, item: T, timeout_s: float | None = None) -> bool:
        """Store `item` once the slot is empty, for work that may not lose one. False when closed or timed out."""
        with self._condition:
            self._condition.wait_for(lambda: self._item is None or self._closed, timeout_s)
            if self._closed or self._item is not None:
                return False
            self._item = item
            self._condition.notify_all()
            return True

    def take(self, timeout_s: float | None = 0.0) -> T | None:
        """Remove and return the item, waiting up to `timeout_s` (None: for ever). None when empty or closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._item is not None or self._closed, timeout_s)
            item, self._item = self._item, None
            self._condition.notify_all()
            return item

    def close(self) -> None:
        """Wake everyone who waits; later puts are refused. An item already stored can still be taken."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def wait_closed(self, timeout_s: float) -> bool:
        """Pause for `timeout_s`, or until `close` if that comes first. True when closed."""
        with self._condition:
            return self._condition.wait_for(lambda: self._closed, timeout_s)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed
