"""Where a replay is: the times of a recording against the server's clock. Pure: whoever asks says what time it is."""

from typing import Final

MIN_SPEED: Final = 0.1
MAX_SPEED: Final = 10.0


class Playhead:
    """Goes from `start_us` to `end_us`, both on the recording's clock, `speed` times as fast as that went.

    Between two moments at which it is moved or told to go otherwise, the server's time is the recorded one times
    1/speed plus a constant: at speed 1 the recording's intervals to the microsecond.
    """

    def __init__(self, start_us: int, end_us: int, speed: float, now_us: int) -> None:
        self.start_us = start_us
        self.end_us = end_us
        self._speed = speed
        self._paused = False
        self._recorded_us = start_us
        self._server_us = now_us

    @property
    def speed(self) -> float:
        """Seconds of the recording in a second."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Whether it stands still."""
        return self._paused

    def position_us(self, now_us: int) -> int:
        """Where it is, on the recording's clock."""
        gone_us = 0 if self._paused else round((now_us - self._server_us) * self._speed)
        return min(max(self._recorded_us + gone_us, self.start_us), self.end_us)

    def due_us(self, recorded_us: int) -> int:
        """When it comes to a moment, or came, on the server's clock."""
        return self._server_us + round((recorded_us - self._recorded_us) / self._speed)

    def move(self, recorded_us: int, now_us: int) -> None:
        """Be there at that time of the server's clock."""
        self._recorded_us, self._server_us = recorded_us, now_us

    def set_speed(self, speed: float, now_us: int) -> None:
        """Go on from where it is at another speed."""
        self.move(self.position_us(now_us), now_us)
        self._speed = speed

    def set_paused(self, paused: bool, now_us: int) -> None:
        """Stand still, or go on from there."""
        self.move(self.position_us(now_us), now_us)
        self._paused = paused
