"""Posewire's wire: everything a client author needs, on msgpack and numpy alone. SPEC.md is normative."""

from protocol.codec import decode, encode
from protocol.errors import ProtocolError
from protocol.limits import SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK, VERSION
from protocol.messages import (
    Bones,
    Dropped,
    Error,
    Format,
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
from protocol.skeleton import ANGLES, BONES, EDGES, LANDMARKS, PARENTS, PRESETS, REST

__all__ = [
    "ANGLES",
    "BONES",
    "EDGES",
    "LANDMARKS",
    "PARENTS",
    "PRESETS",
    "REST",
    "SUBPROTOCOL_JSON",
    "SUBPROTOCOL_MSGPACK",
    "VERSION",
    "Bones",
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
