"""Different wrong tokens, counted by address: whoever guesses is not listened to for a while."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

MAX_FAILURES: Final = 5
"""Different wrong tokens of one address within LOCK_S, after which it is locked out."""
LOCK_S: Final = 60.0
MAX_ADDRESSES: Final = 4096
"""Remembered at a time; the one whose last failure is longest ago is forgotten for a new one."""


class Lockout:
    """Which addresses failed and which are locked out. A right token doesn't make up for wrong ones: they grow old.

    A token that is shown again is no new guess: a page left open with an old one would else keep its own address out.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, dict[bytes, float]] = OrderedDict()

    def remaining_s(self, address: str) -> float:
        """Seconds for which an address stays locked out, 0 where it isn't."""
        failures = self._failures.get(address, {})
        if len(failures) < MAX_FAILURES:
            return 0.0
        return max(0.0, max(failures.values()) + LOCK_S - self._clock())

    def fail(self, address: str, digest: bytes) -> bool:
        """Note a wrong token, by what tells it from others. True where it locks the address out."""
        now_s = self._clock()
        recent = {other: at for other, at in self._failures.pop(address, {}).items() if now_s - at < LOCK_S}
        known = digest in recent
        recent.setdefault(digest, now_s)
        self._failures[address] = recent
        if len(self._failures) > MAX_ADDRESSES:
            self._failures.popitem(last=False)
        return len(recent) == MAX_FAILURES and not known
