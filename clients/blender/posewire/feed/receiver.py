"""The receiver: one connection, kept alive by a thread of its own, and what came last."""

from collections.abc import Mapping, Sequence
from enum import Enum

from .messages import Frame, Hello, Status
from .take import Take, TakeProgress

DEFAULT_FIELDS = ("world", "bones", "rest")


class State(Enum):
    """Where the connection stands; clients/README.md says what each means."""

    OFF = "off"
    CONNECTING = "connecting"
    LIVE = "live"
    LOST = "lost"
    REFUSED = "refused"


class Receiver:
    """Subscribes to a server and stays connected. Made anew where settings change.

    address: HOST:PORT, or a ws://, wss://, http:// or https:// address; `?token=` in it is taken for the token.
    token: where the server needs one. stream: a stream's id, or `*` for all.
    fields: what each pose holds. max_fps: upper bound of each stream's rate, None: every frame.
    verify: check a wss server's certificate; only False where you know why. ca_file: certificates (PEM) that
    vouch for it instead of the system's.

    All properties and methods may be used from any thread, return at once and never raise for what the network does.
    Where a `stream` is asked for, `*` means the first of the server's streams that frames came from.
    """

    def __init__(
        self,
        address: str,
        *,
        token: str = "",
        stream: str = "*",
        fields: Sequence[str] = DEFAULT_FIELDS,
        max_fps: float | None = None,
        verify: bool = True,
        ca_file: str = "",
    ) -> None:
        raise NotImplementedError

    def start(self) -> None:
        """Begin to connect. Nothing where it runs already."""
        raise NotImplementedError

    def stop(self) -> None:
        """End the connection, promptly whatever the network does. May be called twice; `start` begins anew."""
        raise NotImplementedError

    @property
    def state(self) -> State:
        """Where the connection stands."""
        raise NotImplementedError

    @property
    def reason(self) -> str:
        """Why it is lost or refused, one line for people; while live, a fault that the server told of, or nothing."""
        raise NotImplementedError

    @property
    def hello(self) -> Hello | None:
        """Of the last connection: streams, skeleton, bones; kept while it is lost."""
        raise NotImplementedError

    @property
    def landmarks(self) -> tuple[str, ...]:
        """Names of the rows of `world` and `image`; empty before the first subscription."""
        raise NotImplementedError

    @property
    def statuses(self) -> Mapping[str, Status]:
        """What the server told of its streams, by id; a stream that isn't in it is live."""
        raise NotImplementedError

    @property
    def dropped(self) -> int:
        """Frames that the server left out because this connection was too slow, over all connections."""
        raise NotImplementedError

    @property
    def received(self) -> int:
        """Frames received, over all connections and streams."""
        raise NotImplementedError

    @property
    def clock_error_us(self) -> float:
        """How far off latency may be; infinite before the first exchange of times."""
        raise NotImplementedError

    def rate_fps(self, stream: str = "*") -> float:
        """Frames a second, over the last two seconds; 0 where none came."""
        raise NotImplementedError

    def latency_ms(self, stream: str = "*") -> float | None:
        """From capture to having decoded it, median of the last second's frames; None where none came."""
        raise NotImplementedError

    def latest(self, stream: str = "*") -> Frame | None:
        """The newest frame, at once (playout *latest*). The same object until a newer one comes."""
        raise NotImplementedError

    def sample(self, stream: str = "*", now_us: int | None = None) -> Frame | None:
        """The frame for the moment of display (playout *smooth*), interpolated; its `t_us` is the moment shown.

        now_us: by `clock.now_us()`; the default is now. Time must not run back from call to call.
        """
        raise NotImplementedError

    def age_us(self, frame: Frame, now_us: int | None = None) -> float:
        """From the capture of a frame (of the present connection) to now."""
        raise NotImplementedError

    def start_take(self, stream: str = "*") -> None:
        """Keep every frame of a stream from now on. Raises RuntimeError where a take runs already.

        `*`: the stream that the first frame comes from. It goes on while the connection is lost or stopped.
        """
        raise NotImplementedError

    def stop_take(self) -> Take:
        """End the take and hand it over. Raises RuntimeError where none runs."""
        raise NotImplementedError

    @property
    def take_progress(self) -> TakeProgress | None:
        """Of the take that runs, None where none does."""
        raise NotImplementedError
