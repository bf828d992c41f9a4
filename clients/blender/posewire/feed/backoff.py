"""How long to wait before a lost connection is tried again."""

import random
from collections.abc import Callable
from typing import Final

FIRST_S: Final = 0.25
MOST_S: Final = 5.0


class Backoff:
    """A quarter of a second, then twice as long each time up to five.

    Each is shortened by a random part of up to one half, so that many clients of a server that was started anew don't
    all come back in the same moment.
    """

    def __init__(self, uniform: Callable[[float, float], float] = random.uniform) -> None:
        self._uniform = uniform
        self._longest_s = FIRST_S

    def next_s(self) -> float:
        """The wait after one more failure."""
        wait_s = self._longest_s * self._uniform(0.5, 1.0)
        self._longest_s = min(2 * self._longest_s, MOST_S)
        return wait_s

    def reset(self) -> None:
        """It worked: the next failure is a first one."""
        self._longest_s = FIRST_S
