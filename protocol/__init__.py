"""Posewire's wire: everything a client author needs, on msgpack and numpy alone. SPEC.md is normative."""

from protocol.codec import Format, decode, encode
from protocol.errors import ProtocolError
from protocol.limits import SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK, VERSION
from protocol.messages import (
    Dropped,
    Error,
    Frame,
    Hello,
    Message,
    Pose,
    Skeleton,
    Status,
    StreamInfo,
    Subscribe,
    Subscribed,
    Time,
    Unsubscribe,
)
from protocol.skeleton import EDGES, LANDMARKS, PRESETS

__all__ = [
    "EDGES",
    "LANDMARKS",
    "PRESETS",
    "SUBPROTOCOL_JSON",
    "SUBPROTOCOL_MSGPACK",
    "VERSION",
    "Dropped",
    "Error",
    "Format",
    "Frame",
    "Hello",
    "Message",
    "Pose",
    "ProtocolError",
    "Skeleton",
    "Status",
    "StreamInfo",
    "Subscribe",
    "Subscribed",
    "Time",
    "Unsubscribe",
    "decode",
    "encode",
]
