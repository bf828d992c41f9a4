"""Limits of the wire that a client has to know; protocol/SPEC.md lists them all."""

from typing import Final

SUBPROTOCOL: Final = "posewire.v1.msgpack"
MAX_SERVER_MESSAGE_BYTES: Final = 1_048_576
MAX_DEPTH: Final = 8
"""Nesting of maps and arrays; the message itself is depth 1."""
MAX_ID: Final = 2**31 - 1
MAX_TIME_US: Final = 2**63 - 1
MAX_NAME_LENGTH: Final = 64
MAX_TEXT_LENGTH: Final = 1024
MAX_ITEMS: Final = 1024
MAX_FIELDS: Final = 16
MAX_SIDE: Final = 65_535
MAX_POSE_ID: Final = 2**53 - 1
MAX_PEOPLE: Final = 8
MAX_BONES: Final = 64
MAX_ANGLES: Final = 64
MAX_STREAMS: Final = 64
MAX_LANDMARKS: Final = 33
MIN_FPS: Final = 0.01
MAX_FPS: Final = 1000.0
MAX_VERSION: Final = 1_000_000
MAX_FLOOR_M: Final = 1e6
