"""What OpenAPI says of `/replay`."""

from streamer.replay.playhead import MAX_SPEED, MIN_SPEED
from streamer.rest.schemas import Json

_SPEED: Json = {
    "type": "number",
    "minimum": MIN_SPEED,
    "maximum": MAX_SPEED,
    "description": "seconds of the recording in a second; with --pace max it stays 1",
}
_POSITION: Json = {
    "type": "number",
    "minimum": 0,
    "description": "where it is, seconds from the recording's first frame; at most duration_s",
}
_PAUSED: Json = {"type": "boolean", "description": "no frame comes, and status says live, paused"}
_LOOP: Json = {"type": "boolean", "description": "whether it starts over at its end"}
_STANDING: Json = {
    "type": "object",
    "required": ["duration_s", "position_s", "speed", "paused", "loop", "ended", "streams"],
    "properties": {
        "duration_s": {"type": "number", "minimum": 0, "description": "from the first frame to the last"},
        "position_s": _POSITION,
        "speed": _SPEED,
        "paused": _PAUSED,
        "loop": _LOOP,
        "ended": {"type": "boolean", "description": "whether it came to its end, and waits to be sent elsewhere"},
        "streams": {"type": "array", "items": {"type": "string"}, "description": "that are of this recording"},
    },
}
_LIST: Json = {
    "type": "object",
    "required": ["replays", "may_change"],
    "properties": {
        "replays": {"type": "object", "additionalProperties": _STANDING, "description": "by stream"},
        "may_change": {"type": "boolean", "description": "whether the one who asks may change that"},
    },
}
_WISH: Json = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"position_s": _POSITION, "speed": _SPEED, "paused": _PAUSED, "loop": _LOOP},
}


def replay_paths(problems: Json) -> Json:
    """The paths by name. problems: the answers that every request may get."""
    problem = problems["401"]["content"]
    standing = {"application/json": {"schema": _STANDING}}
    stream: Json = {
        "name": "stream",
        "in": "path",
        "required": True,
        "schema": {"type": "string"},
        "description": "id of a stream of the recording; it doesn't matter which",
    }

    def problems_of(**more: str) -> Json:
        return problems | {status[1:]: {"description": text, "content": problem} for status, text in more.items()}

    return {
        "/replay": {
            "get": {
                "operationId": "replays",
                "summary": "How the recordings stand that are replayed",
                "tags": ["recordings"],
                "responses": {
                    "200": {"description": "by stream", "content": {"application/json": {"schema": _LIST}}},
                    **problems,
                },
            }
        },
        "/replay/{stream}": {
            "get": {
                "operationId": "replay",
                "summary": "How a recording stands that is replayed",
                "tags": ["recordings"],
                "parameters": [stream],
                "responses": {
                    "200": {"description": "position, speed and the like", "content": standing},
                    **problems_of(_404="no such stream replays a recording"),
                },
            },
            "patch": {
                "operationId": "change_replay",
                "summary": "Go elsewhere in a recording, faster, slower, or stand still",
                "tags": ["recordings"],
                "parameters": [stream],
                "requestBody": {"required": True, "content": {"application/json": {"schema": _WISH}}},
                "responses": {
                    "200": {"description": "how it stands now", "content": standing},
                    **problems_of(
                        _400="not JSON, or no single Host header",
                        _404="no such stream replays a recording",
                        _408="the request stood still",
                        _413="more bytes than allowed",
                        _415="not application/json",
                        _422="an unknown setting, or a value out of range",
                    ),
                },
            },
        },
    }
