"""One connection's conversation, without I/O: messages in, what they mean, and what to say next."""

from typing import Final

import numpy as np

from .clock import ClockSync
from .errors import BAD_MESSAGE, BAD_VALUE, UNKNOWN_STREAM, WRONG_KIND, Refused, WireError, show
from .limits import MAX_STREAMS
from .messages import (
    Array,
    Dropped,
    Frame,
    Hello,
    Message,
    Pose,
    ServerError,
    Status,
    Subscribe,
    Subscribed,
    TimeAnswer,
)
from .schema import decode, encode, encode_time

BURST: Final = 5
BURST_INTERVAL_US: Final = 50_000
INTERVAL_US: Final = 2_000_000
ANSWER_LIMIT_US: Final = 5_000_000
"""How long the answer to the subscription may take."""
_LEAST_SQUARE: Final = 0.9
_MOST_SQUARE: Final = 1.1


class Session:
    """Of one connection; the next one has another.

    wish: the subscription. opened_us: when the connection was opened. All times are local.
    was_there: whether an earlier connection had that subscription: then its stream may be away, and is waited for.
    """

    def __init__(self, wish: Subscribe, opened_us: int, was_there: bool = False) -> None:
        self._wish = wish
        self._was_there = was_there
        self.is_away = False
        """Whether the stream isn't there; it is asked for when it is."""
        self.hello: Hello | None = None
        self.subscribed: Subscribed | None = None
        self.clock = ClockSync()
        self.dropped: dict[str, int] = {}
        """Frames that the server left out, by stream."""
        self._answer_by_us = opened_us + ANSWER_LIMIT_US
        self._newest: dict[str, tuple[int, int]] = {}
        self._streams: set[str] = set()
        self._asked = 0
        self._ask_at_us = opened_us
        self._is_subscribing = False

    @property
    def is_live(self) -> bool:
        """Whether the server answered to the subscription."""
        return self.subscribed is not None

    @property
    def landmarks(self) -> tuple[str, ...]:
        """Names of the rows of `world` and `image`."""
        if self.hello is None or self.subscribed is None:
            return ()
        return tuple(self.hello.skeleton.landmarks[index] for index in self.subscribed.landmarks)

    def due(self, now_us: int) -> list[bytes]:
        """What is to be sent now: the subscription once, the question for the time again and again."""
        messages = []
        if not self._is_subscribing:
            self._is_subscribing = True
            messages.append(encode(self._wish))
        if now_us >= self._ask_at_us:
            self._asked += 1
            self._ask_at_us = now_us + (BURST_INTERVAL_US if self._asked < BURST else INTERVAL_US)
            messages.append(encode_time(now_us))
        return messages

    @property
    def due_at_us(self) -> int:
        """When `due` or `is_overdue` has something new."""
        return self._ask_at_us if self.is_live or self.is_away else min(self._ask_at_us, self._answer_by_us)

    def is_overdue(self, now_us: int) -> bool:
        """Whether the server had time enough to answer to the subscription and didn't."""
        return not self.is_live and not self.is_away and now_us >= self._answer_by_us

    def receive(self, data: bytes | str, arrival_us: int) -> Message | None:
        """What a message of the server means; None for one that isn't for us.

        Raises WireError where it isn't the protocol, Refused where the server refuses the subscription.
        """
        if isinstance(data, str):
            raise WireError(WRONG_KIND, "a text message where binary ones were agreed on")
        message = decode(data, "f32" if self.subscribed is None else self.subscribed.dtype)
        if (self.hello is None) != isinstance(message, Hello):
            raise WireError(BAD_MESSAGE, "hello has to be the first message, and no other")
        if isinstance(message, (Frame, Status, Dropped)):
            self._bound(message.stream)
        if isinstance(message, Frame):
            return self._check_frame(message)
        if isinstance(message, TimeAnswer):
            if message.t1_us is not None and message.t2_us is not None and message.t0_us <= arrival_us:
                self.clock.add(message.t0_us, message.t1_us, message.t2_us, arrival_us)
        elif isinstance(message, Hello):
            self.hello = message
            self.clock.greet(message.now_us, arrival_us)
        elif isinstance(message, Subscribed):
            self._accept(message)
        elif isinstance(message, Dropped):
            if message.id != self._wish.id:
                return None
            self.dropped[message.stream] = message.total
        elif isinstance(message, Status):
            self._follow(message, arrival_us)
        elif isinstance(message, ServerError) and not self.is_live and message.id in (None, self._wish.id):
            if message.code != UNKNOWN_STREAM or not self._was_there:
                raise Refused(f"{message.code}: {message.message}")
            self.is_away = True
        return message

    def _follow(self, status: Status, arrival_us: int) -> None:
        if status.gone:  # if it comes back, it counts anew
            self._streams.discard(status.stream)
            self._newest.pop(status.stream, None)
            self.dropped.pop(status.stream, None)
        elif status.info is not None and self.is_away and status.stream == self._wish.stream:
            self.is_away = self._is_subscribing = False
            self._answer_by_us = arrival_us + ANSWER_LIMIT_US

    def _accept(self, answer: Subscribed) -> None:
        wish = self._wish
        if self.subscribed is not None:
            raise WireError(BAD_MESSAGE, "subscribed came twice")
        if (answer.id, answer.stream, answer.fields, answer.dtype) != (wish.id, wish.stream, wish.fields, wish.dtype):
            raise WireError(
                BAD_VALUE, f"subscribed tells of another subscription: {answer.id} to {show(answer.stream)}"
            )
        assert self.hello is not None
        count = len(self.hello.skeleton.landmarks)
        if max(answer.landmarks) >= count:
            raise WireError(BAD_VALUE, f"subscribed names landmark {max(answer.landmarks)}; hello has {count}")
        self.subscribed = answer

    def _check_frame(self, frame: Frame) -> Frame | None:
        if frame.id != self._wish.id:
            return None
        if self.subscribed is None:
            raise WireError(BAD_MESSAGE, "a frame before the answer to the subscription")
        seq, t_us = self._newest.get(frame.stream, (-1, -1))
        if frame.seq <= seq or frame.t_us <= t_us:
            told = f"{frame.seq} at {frame.t_us} us after {seq} at {t_us} us"
            raise WireError(BAD_VALUE, f"frames run back: {told}")
        self._newest[frame.stream] = (frame.seq, frame.t_us)
        for pose in frame.poses:
            self._check_pose(pose, self.subscribed)
        return frame

    def _check_pose(self, pose: Pose, subscribed: Subscribed) -> None:
        """Everything subscribed to is there, with as many rows as were told; who shows it needn't ask again."""
        bones = self.hello.bones if self.hello is not None else None
        for field in subscribed.fields:
            array = getattr(pose, field)
            if array is None:
                raise WireError(BAD_MESSAGE, f"{field} is missing")
            if field in ("bones", "rest"):
                rows = len(bones.names) if bones is not None else 0
            elif field == "angles":
                rows = len(self.hello.angles) if self.hello is not None else 0
            else:
                rows = len(subscribed.landmarks)
            if len(array) != rows:
                raise WireError(BAD_VALUE, f"{field} has {len(array)} rows; hello and subscribed told of {rows}")
        if pose.bones is not None:
            _check_rotations(pose.bones)

    def _bound(self, stream: str) -> None:
        """What is kept for each stream stays bounded, whatever a server calls them."""
        if stream not in self._streams and len(self._streams) >= MAX_STREAMS:
            raise WireError(BAD_VALUE, f"more than {MAX_STREAMS} streams")
        self._streams.add(stream)


def _check_rotations(bones: Array) -> None:
    """Whoever turns a bone by something that is no rotation gets numbers that aren't finite in the end."""
    wide = bones.astype(np.float64)
    squares = (wide * wide).sum(axis=1)
    if not _LEAST_SQUARE <= squares.min() <= squares.max() <= _MOST_SQUARE:
        told = f"{np.sqrt(squares.min()):.3g} to {np.sqrt(squares.max()):.3g}"
        raise WireError(BAD_VALUE, f"bones holds quaternions of length {told}; they have to be of length 1")
