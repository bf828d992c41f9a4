"""Every limit of the wire, by name. SPEC.md lists the same numbers."""

from typing import Final

VERSION: Final = 1
SUBPROTOCOL_MSGPACK: Final = "posewire.v1.msgpack"
SUBPROTOCOL_JSON: Final = "posewire.v1.json"

MAX_CLIENT_MESSAGE_BYTES: Final = 65_536
"""Largest message a server accepts from a client."""
MAX_SERVER_MESSAGE_BYTES: Final = 1_048_576
"""Largest message a server sends, so what a client has to accept."""
BYTES_PER_VALUE: Final = 16
"""A message holds no more values (elements of arrays, entries of maps, at all depths) than its limit in bytes divided
by this: 4096 from a client, 65,536 from a server. Parsed, a value may take a hundred times its byte."""
MAX_DEPTH: Final = 8
"""Deepest nesting of maps and arrays in a message; the message itself is depth 1."""
MAX_SUBSCRIPTIONS: Final = 64
"""Subscriptions of one connection."""
MAX_ID: Final = 2**31 - 1
"""Largest subscription id; the smallest is 0."""
MAX_TIME_US: Final = 2**63 - 1
MAX_NAME_LENGTH: Final = 64
"""Characters of a stream id, landmark name, preset, field or message type."""
MAX_TEXT_LENGTH: Final = 1024
"""Characters of a text for people: `server`, `detail`, `message`."""
MAX_ERROR_LENGTH: Final = 200
"""Characters of an error's `message` as this implementation writes it: one line, printable."""
MAX_ITEMS: Final = 1024
"""Landmarks and edges of a skeleton."""
MAX_FIELDS: Final = 16
"""Names in `fields`."""
MAX_SIDE: Final = 65_535
"""Width and height of a picture, pixels."""
MAX_POSE_ID: Final = 2**53 - 1
"""Largest id of a person, exact in every client's number type."""
MIN_FPS: Final = 0.01
MAX_FPS: Final = 1000.0
"""Range of `max_fps`, frames a second."""
MAX_PEOPLE: Final = 8
"""Poses in one frame."""
MAX_BONES: Final = 64
"""Bones of a skeleton."""
MAX_ANGLES: Final = 64
"""Joint angles of a skeleton."""
MAX_STREAMS: Final = 64
"""Streams of one server."""
JSON_DECIMALS: Final = 6
"""Decimals of array elements in the JSON form."""
