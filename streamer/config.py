"""What a server was asked for, checked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Pace = Literal["realtime", "max"]
EngineName = Literal["auto", "mediapipe", "openvino"]
ExportName = Literal["bvh", "trc", "c3d", "csv", "npz", "gltf", "vrma", "openpose-json"]
LayoutName = Literal["BODY_25", "COCO"]
ModelName = Literal["auto", "lite", "full", "heavy"]
PrecisionName = Literal["auto", "f32", "bf16"]

OF_PICTURES: Final = ("model", "people", "smoothing", "mirror", "rotate", "fps")
"""Options that mean nothing to a recording, which is replayed as it is."""
OF_RECORDINGS: Final = ("speed", "start")
"""Options that mean nothing to anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsConfig:
    """Which NATS, and as whom. servers: their URLs, which may hold a user and a password.

    credentials: a file as `nsc` makes it; nkey: a file with the seed. ca: PEM, of who vouches for the servers.
    """

    servers: tuple[str, ...]
    credentials: Path | None = None
    nkey: Path | None = None
    ca: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteConfig:
    """What clients connect to. Units: bytes, pixels. nats: where others' streams are, or its own are to be found."""

    host: str = "127.0.0.1"
    port: int = 8765
    token: str | None = None
    read_token: str | None = None
    no_auth: bool = False
    allow_hosts: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    max_per_address: int = 32
    announce: bool = True
    tls: Literal["off", "auto"] = "off"
    tls_cert: str | None = None
    tls_key: str | None = None
    max_picture_bytes: int = 10_000_000
    max_picture_pixels: int = 25_000_000
    photo_workers: int = 1
    nats: NatsConfig | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeConfig(SiteConfig):
    """A server with streams of its own. Units: pixels, frames a second, degrees, seconds. node: its name on NATS."""

    sources: tuple[str, ...] = ("demo",)
    engine: EngineName = "auto"
    threads: int | None = None
    precision: PrecisionName = "auto"
    model: ModelName = "full"
    people: int = 1
    smoothing: str = "one-euro"
    preview: bool = False
    fov_deg: float = 65.0
    pace: Pace = "realtime"
    loop: bool = True
    speed: float = 1.0
    start_s: float = 0.0
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    mirror: bool = False
    rotate: Literal[0, 90, 180, 270] = 0
    record: Path | None = None
    record_video: bool = False
    recordings: Path | None = None
    vmc: tuple[str, ...] = ()
    vrchat: tuple[str, ...] = ()
    node: str = ""
    given: frozenset[str] = frozenset()
    """Those of OF_PICTURES and OF_RECORDINGS that somebody gave."""
