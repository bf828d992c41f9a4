"""The one clock of the server: monotonic microseconds, the unit of every `_us` on the wire."""

import time


def now_us() -> int:
    """Monotonic time in microseconds; never goes back, has no relation to the date."""
    return time.monotonic_ns() // 1000
