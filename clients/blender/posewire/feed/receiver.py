"""The receiver: one connection, kept alive by a thread of its own, and what came last."""

import threading
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from . import clock
from .inbox import Inbox
from .messages import Frame, Hello, Status, Subscribe
from .take import Take, TakeProgress, TakeRecorder
from .worker import Settings, State, Worker

DEFAULT_FIELDS: Final = ("world", "bones", "rest")
STOP_LIMIT_S: Final = 1.5
"""How long `stop` waits for the thread: more than it takes to say goodbye, less than a user would mind."""
_SUBSCRIPTION: Final = 1


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
        wish = Subscribe(_SUBSCRIPTION, stream, tuple(fields), max_fps)
        self._settings = Settings(address, token, wish, verify, ca_file)
        self._inbox = Inbox(stream)
        self._lock = threading.Lock()
        self._standing = (State.OFF, "")
        self._stop: threading.Event | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to connect. Nothing where it runs already."""
        with self._lock:
            if self._stop is not None:
                return
            self._stop = stop = threading.Event()
            self._standing = (State.CONNECTING, "")
            worker = Worker(self._settings, self._inbox, stop, partial(self._report, stop))
            self._thread = threading.Thread(target=worker.run, name="posewire", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the connection, promptly whatever the network does. May be called twice; `start` begins anew."""
        with self._lock:
            stop, thread = self._stop, self._thread
            self._stop = self._thread = None
            self._standing = (State.OFF, "")
        if stop is None or thread is None:
            return
        stop.set()
        if thread is not threading.current_thread():
            # A system call that looks up a name can't be interrupted; such a thread ends by itself, unheard.
            thread.join(STOP_LIMIT_S)

    @property
    def state(self) -> State:
        """Where the connection stands."""
        return self._standing[0]

    @property
    def reason(self) -> str:
        """Why it is lost or refused, one line for people; while live, a fault that the server told of, or nothing."""
        return self._standing[1]

    @property
    def hello(self) -> Hello | None:
        """Of the last connection: streams as they come and go, skeleton, bones; kept while it is lost."""
        return self._inbox.hello

    @property
    def landmarks(self) -> tuple[str, ...]:
        """Names of the rows of `world` and `image`; empty before the first subscription."""
        return self._inbox.landmarks

    @property
    def statuses(self) -> Mapping[str, Status]:
        """What the server told of its streams, by id; one of `hello` that isn't in it is live."""
        return self._inbox.statuses

    @property
    def dropped(self) -> int:
        """Frames that the server left out because this connection was too slow, over all connections."""
        return self._inbox.dropped

    @property
    def received(self) -> int:
        """Frames received, over all connections and streams."""
        return self._inbox.received

    @property
    def clock_error_us(self) -> float:
        """How far off latency may be; infinite before the first exchange of times."""
        return self._inbox.clock.error_us

    def rate_fps(self, stream: str = "*") -> float:
        """Frames a second, over the last two seconds; 0 where none came."""
        channel = self._inbox.channel(stream)
        return 0.0 if channel is None else channel.rate_fps(clock.now_us())

    def latency_ms(self, stream: str = "*") -> float | None:
        """From capture to having decoded it, median of the last second's frames; None where none came."""
        channel = self._inbox.channel(stream)
        return None if channel is None else channel.latency_ms(clock.now_us())

    def latest(self, stream: str = "*") -> Frame | None:
        """The newest frame, at once (playout *latest*). The same object until a newer one comes."""
        channel = self._inbox.channel(stream)
        return None if channel is None else channel.latest()

    def sample(self, stream: str = "*", now_us: int | None = None) -> Frame | None:
        """The frame for the moment of display (playout *smooth*), interpolated; its `t_us` is the moment shown.

        now_us: by `clock.now_us()`; the default is now. Time must not run back from call to call.
        """
        channel = self._inbox.channel(stream)
        return None if channel is None else channel.sample(clock.now_us() if now_us is None else now_us)

    def age_us(self, frame: Frame, now_us: int | None = None) -> float:
        """From the capture of a frame (of the present connection) to now."""
        now_us = clock.now_us() if now_us is None else now_us
        channel = self._inbox.channel(frame.stream)
        return (
            (self._inbox.clock.to_server_us(now_us) - frame.t_us) if channel is None else channel.age_us(frame, now_us)
        )

    def start_take(self, stream: str = "*") -> None:
        """Keep every frame of a stream from now on. Raises RuntimeError where a take runs already.

        `*`: the stream that the first frame comes from. It goes on while the connection is lost or stopped.
        """
        with self._lock:
            if self._inbox.recorder is not None:
                raise RuntimeError("a take runs already")
            self._inbox.recorder = TakeRecorder(stream)

    def stop_take(self) -> Take:
        """End the take and hand it over. Raises RuntimeError where none runs."""
        with self._lock:
            recorder, self._inbox.recorder = self._inbox.recorder, None
        if recorder is None:
            raise RuntimeError("no take runs")
        hello = self._inbox.hello
        return recorder.finish(hello.bones if hello is not None else None, self._inbox.landmarks)

    @property
    def take_progress(self) -> TakeProgress | None:
        """Of the take that runs, None where none does."""
        recorder = self._inbox.recorder
        return None if recorder is None else recorder.progress

    def _report(self, stop: threading.Event, state: State, reason: str) -> None:
        with self._lock:
            # A thread that was stopped has nothing more to say.
            if stop is self._stop:
                self._standing = (state, reason)
