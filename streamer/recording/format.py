"""What a recording is made of: names, topics, schemas and limits. docs/recording.md is normative."""

import json
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

Kind: TypeAlias = Literal["frame", "status", "picture"]

FORMAT: Final = "1"
"""Version of this format, in the metadata of `hello`; it grows as the wire does, by what old readers pass over."""
PROFILE: Final = "posewire"
HELLO: Final = "posewire.hello"
CLOCK: Final = "posewire.clock"
SUFFIX: Final = ".mcap"

MAX_CHUNK_BYTES: Final = 16_384
"""A chunk is closed, and written, once its messages are as many bytes."""
MAX_CHUNK_S: Final = 0.2
"""And at the latest this long after its first message: what a killed process takes with it."""

MAX_RECORD_BYTES: Final = 16_777_216
"""Longest record that is read, and longest chunk once unpacked: other programs write chunks of a few megabytes."""
MAX_HELD_BYTES: Final = 268_435_456
"""Messages held back to bring them in order of time, where chunks overlap."""
MAX_PIECES: Final = 2_000_000
"""Chunks of one file: two days at 60 frames a second."""

_BIN: Final = {"type": "string", "contentMediaType": "application/octet-stream"}


def _floats(text: str) -> dict[str, Any]:
    return {**_BIN, "description": f"bin, float32, little-endian, C order: {text}"}


_STREAM: Final = {"type": "string", "description": "id of the stream"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_LANDMARKS: Final = "33 x 4, x, y, z, visibility"
_POSE: Final = {
    "type": "object",
    "properties": {
        "id": {**_COUNT, "description": "stays with the person"},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "image": _floats(f"{_LANDMARKS}; in [0, 1] of the picture from its top left, y down"),
        "world": _floats(f"{_LANDMARKS}; metres from between the hips, +X the image's right, +Y up, +Z to the camera"),
        "image_raw": _floats("as image, before smoothing"),
        "world_raw": _floats("as world, before smoothing"),
        "bones": _floats("B x 4, unit quaternions x, y, z, w, local to the parent"),
        "root": _floats("3, the hips in metres from the camera"),
        "held": {"type": "array", "items": _COUNT, "description": "indices of bones that aren't seen"},
        "contact": {"type": "array", "items": {"type": "boolean"}, "description": "left and right foot on the floor"},
        "floor": {"type": "number", "description": "y of the floor, metres"},
        "rest": _floats("B x 3, offset of each bone from its parent in the T-pose, metres"),
        "angles": _floats("A, degrees, NaN where one can't be told"),
    },
    "required": ["id", "score"],
}
_FRAME: Final = {
    "type": "object",
    "description": "Everyone in one picture: a frame message of Posewire's protocol, version 1, in msgpack",
    "properties": {
        "type": {"const": "frame"},
        "id": {**_COUNT, "description": "of the subscription"},
        "stream": _STREAM,
        "seq": {**_COUNT, "description": "counts the frames of the stream"},
        "t_us": {**_COUNT, "description": "the capture, microseconds of the server's monotonic clock"},
        "sent_us": {**_COUNT, "description": "the encoding, on the same clock"},
        "size": {"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2, "description": "width, height"},
        "poses": {"type": "array", "items": _POSE},
    },
    "required": ["type", "id", "stream", "seq", "t_us", "sent_us", "size", "poses"],
}
_STATUS: Final = {
    "type": "object",
    "description": "A stream's change of state: a status message of Posewire's protocol, version 1, in msgpack",
    "properties": {
        "type": {"const": "status"},
        "stream": _STREAM,
        "state": {"enum": ["live", "lost", "ended"]},
        "detail": {"type": "string"},
        "t_us": {**_COUNT, "description": "when, microseconds of the server's monotonic clock"},
        "info": {"type": "object", "description": "the stream's description, where that changed"},
    },
    "required": ["type", "stream", "state", "detail", "t_us"],
}
_PICTURE: Final = {
    "title": "foxglove.CompressedImage",
    "type": "object",
    "properties": {
        "timestamp": {
            "type": "object",
            "title": "time",
            "properties": {"sec": _COUNT, "nsec": {**_COUNT, "maximum": 999_999_999}},
        },
        "frame_id": _STREAM,
        "data": {"type": "string", "contentEncoding": "base64"},
        "format": {"type": "string"},
    },
}


@dataclass(frozen=True, slots=True)
class Channel:
    """How the messages of one kind are written: MCAP's names of encodings and the schema."""

    schema: str
    encoding: str
    json_schema: str


CHANNELS: Final[dict[Kind, Channel]] = {
    "frame": Channel("posewire.v1.frame", "msgpack", json.dumps(_FRAME)),
    "status": Channel("posewire.v1.status", "msgpack", json.dumps(_STATUS)),
    # As viewers of MCAP files know pictures, so that they show them.
    "picture": Channel("foxglove.CompressedImage", "json", json.dumps(_PICTURE)),
}
KINDS: Final[dict[str, Kind]] = {channel.schema: kind for kind, channel in CHANNELS.items()}


def topic(stream: str, kind: Kind) -> str:
    """The topic of a stream's messages of one kind."""
    return f"/{stream}/{kind}"
