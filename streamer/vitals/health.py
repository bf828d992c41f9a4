"""What ails a stream: the camera, the engine, or nothing. Pure: from what is known of it to states and a reason.

The reasons are this module's own sentences: whoever asks needs no token, so nothing is told that an error said.
"""

from collections.abc import Container, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

Camera = Literal["live", "frozen", "gone", "waiting", "ended"]
"""frozen: there, or so it seems, but no picture comes. gone: away, or what it sends is no video.
waiting: for somebody to publish. ended: a file that came to its end, or broke."""
EngineState = Literal["working", "idle", "failed", "hung"]
"""idle: no picture came lately. failed: it raised an error and isn't back yet, or its thread is gone. hung: at one
picture for too long."""
CAMERA_STATES: Final[tuple[Camera, ...]] = ("live", "frozen", "gone", "waiting", "ended")
ENGINE_STATES: Final[tuple[EngineState, ...]] = ("working", "idle", "failed", "hung")

SILENT_US: Final = 1_500_000
"""Beyond a source's own interval; after that a paced file is frozen, and an engine without an estimate idle."""
HUNG_US: Final = 5_000_000
"""At one picture: the slowest model with the most people takes a fraction of this, with a new network to be read."""

REASONS: Final[dict[str, str]] = {
    "frozen": "no picture comes, though nothing says that the camera went",
    "gone": "the camera is away, or what it sends is no video; it is tried again and again",
    "waiting": "no browser publishes a camera here yet",
    "ended": "the source has ended",
    "failed": "estimation failed; a new engine is tried",
    "over": "the engine's thread has ended",
    "hung": "the engine has been at one picture for too long",
}


@dataclass(frozen=True, slots=True)
class Vitals:
    """What is known of a stream. Times are monotonic microseconds, 0 for never.

    camera: what the capture thread and its watchdog know. picture_us: when the last picture came. interval_us: between
    two pictures, 0 where that isn't known. paced: pictures come by themselves, whether the engine takes them or not.
    busy_since_us: when the engine began the picture in hand, 0 where it has none. estimate_us: when the last estimate
    came. failed: the last attempt at one raised an error. over: nobody is left to make any.
    """

    camera: Camera
    picture_us: int
    interval_us: int
    paced: bool
    busy_since_us: int
    estimate_us: int
    failed: bool
    over: bool


@dataclass(frozen=True, slots=True)
class Health:
    """States, ages in milliseconds (None: there never was one), and why in words where something is wrong."""

    camera: Camera
    engine: EngineState
    last_picture_age_ms: int | None
    last_estimate_age_ms: int | None
    reason: str

    @property
    def camera_is_well(self) -> bool:
        """Whether pictures come, or needn't any more."""
        return self.camera in ("live", "ended")

    @property
    def engine_is_well(self) -> bool:
        """Whether it would take a picture."""
        return self.engine in ("working", "idle")


def diagnose(vitals: Vitals, now_us: int) -> Health:
    """The states of camera and engine at this moment."""
    camera = _camera(vitals, now_us)
    engine = _engine(vitals, now_us)
    reasons = [REASONS[camera]] if camera != "live" else []
    if engine == "hung":
        reasons.append(REASONS["hung"])
    elif engine == "failed":
        reasons.append(REASONS["over" if vitals.over else "failed"])
    return Health(
        camera,
        engine,
        _age_ms(vitals.picture_us, now_us),
        _age_ms(vitals.estimate_us, now_us),
        "; ".join(reasons),
    )


def report(
    states: Mapping[str, str], healths: Mapping[str, Health], may_be_absent: Container[str]
) -> tuple[bool, dict[str, Any]]:
    """Whether all is well, and what `/healthz` says.

    states: as clients are told them. may_be_absent: streams that wait for a publisher, who may come and go.
    """
    well = True
    for stream, state in states.items():
        health = healths.get(stream)
        engine_is_well = health is None or health.engine_is_well
        camera_is_well = state != "lost" and (health is None or health.camera_is_well)
        well = well and engine_is_well and (camera_is_well or stream in may_be_absent)
    details = {stream: asdict(health) for stream, health in healths.items()}
    return well, {"status": "ok" if well else "degraded", "streams": dict(states), "details": details}


def _camera(vitals: Vitals, now_us: int) -> Camera:
    # Nobody watches a file's thread; a disc or a share that hangs shows in what doesn't come.
    silent = vitals.picture_us and now_us - vitals.picture_us > SILENT_US + 2 * vitals.interval_us
    return "frozen" if vitals.camera == "live" and vitals.paced and silent else vitals.camera


def _engine(vitals: Vitals, now_us: int) -> EngineState:
    if vitals.busy_since_us and now_us - vitals.busy_since_us > HUNG_US:
        return "hung"
    if vitals.failed or vitals.over:
        return "failed"
    if vitals.busy_since_us:
        return "working"
    recent = vitals.estimate_us and now_us - vitals.estimate_us <= SILENT_US + 2 * vitals.interval_us
    return "working" if recent else "idle"


def _age_ms(time_us: int, now_us: int) -> int | None:
    return max(0, now_us - time_us) // 1000 if time_us else None
