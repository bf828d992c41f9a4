"""How much of the event loop's time the frames of one address may take, where there are others, too.

A frame is encoded for each view that differs, and written to every subscription. Every client may have one view of a
stream that others have, too. What an address wants beyond that, encoded for it alone or written to a client once more,
could take more time than there is; so each has a part, and where it took more, its next frames are left out, all of
them alike, until that is made good. The algorithm is the one that polices the cells of ATM networks (GCRA, I.371).
"""

from typing import Final

TOGETHER: Final = 0.25
"""Of the event loop's time, in equal parts for the addresses that have clients."""
MOST: Final = 0.06
"""At most so much of it an address, for each 32 connections that it may have."""
LEAST: Final = 0.01
"""And at least so much, however many there are: a view of its own of eight people at 60 frames a second."""
GRACE_US: Final = 20_000
"""That much ahead is in time: frames come irregularly, and what costs this little isn't worth leaving out."""


def part_of(addresses: int) -> float:
    """Of the event loop's time, what an address may have where there are so many of them."""
    return min(MOST, max(LEAST, TOGETHER / addresses))


class Share:
    """One address's; its clients have it together. several: times as much, where many clients are expected there."""

    __slots__ = ("_frame_us", "_is_in_time", "_paid_us", "several")

    def __init__(self, several: float = 1.0) -> None:
        self.several = several
        self._paid_us = 0.0
        self._frame_us = -1
        self._is_in_time = True

    def is_in_time(self, frame_us: int) -> bool:
        """Whether the frame that goes out at that moment is for this address; the same answer to all who ask for it."""
        if frame_us != self._frame_us:
            self._frame_us = frame_us
            self._is_in_time = self._paid_us <= frame_us + GRACE_US
            self._paid_us = max(self._paid_us, frame_us)
        return self._is_in_time

    @property
    def is_modest(self) -> bool:
        """Whether it took so little of the present frame that the rest of it needn't come after everybody else's."""
        return self._paid_us <= self._frame_us + GRACE_US

    def spend(self, took_us: float, part: float) -> None:
        """That much was used, of a part as `part_of` has it."""
        self._paid_us += took_us / (part * self.several)
