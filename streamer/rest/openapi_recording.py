"""What OpenAPI says of `/recordings`."""

from streamer.recording.recordings import NAME
from streamer.rest.schemas import Json

_ENTRY: Json = {
    "type": "object",
    "required": ["name", "state", "bytes", "duration_s", "streams", "messages", "left_out", "video", "error"],
    "properties": {
        "name": {"type": "string", "description": "of the file, without .mcap"},
        "state": {
            "enum": ["recording", "finished", "failed", "cut", "unreadable"],
            "description": "failed: a write error ended it. cut: its process was ended. Both can be mended",
        },
        "bytes": {"type": "integer", "minimum": 0},
        "duration_s": {"type": "number", "minimum": 0, "description": "from the first message to the last"},
        "streams": {"type": "array", "items": {"type": "string"}},
        "messages": {"type": ["integer", "null"], "description": "null where nobody counted them"},
        "left_out": {"type": "integer", "minimum": 0, "description": "messages lost to a slow disk"},
        "video": {"type": "boolean", "description": "whether pictures are kept, with --record-video"},
        "error": {"type": "string", "description": "why it failed or can't be read"},
    },
}
_LIST: Json = {
    "type": "object",
    "required": ["recordings", "may_record"],
    "properties": {
        "recordings": {"type": "array", "items": _ENTRY},
        "may_record": {"type": "boolean", "description": "whether the one who asks may begin one"},
    },
}
_WISH: Json = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": {
            "type": "string",
            "pattern": f"^{NAME.pattern}$",
            "description": "of the file, without .mcap; by default the date and time",
        },
        "streams": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string"},
            "description": "which to keep; by default all",
        },
    },
}


def recording_paths(problems: Json) -> Json:
    """The paths by name. problems: the answers that every request may get."""
    problem = problems["401"]["content"]
    entry = {"application/json": {"schema": _ENTRY}}

    def problems_of(**more: str) -> Json:
        return problems | {status[1:]: {"description": text, "content": problem} for status, text in more.items()}

    return {
        "/recordings": {
            "get": {
                "operationId": "recordings",
                "summary": "What is being recorded, and what was",
                "tags": ["recordings"],
                "responses": {
                    "200": {"description": "by name", "content": {"application/json": {"schema": _LIST}}},
                    **problems,
                },
            },
            "post": {
                "operationId": "begin_recording",
                "summary": "Begin a recording, with --recordings DIR",
                "tags": ["recordings"],
                "requestBody": {"required": True, "content": {"application/json": {"schema": _WISH}}},
                "responses": {
                    "201": {"description": "it has begun", "content": entry},
                    **problems_of(
                        _400="not JSON, or no single Host header",
                        _408="the request stood still",
                        _409="there is a recording of that name",
                        _413="more bytes than allowed",
                        _415="not application/json",
                        _422="a name that can't be, an unknown stream, or a file that can't be made",
                        _503="started without --recordings DIR, or too many are in progress",
                    ),
                },
            },
        },
        "/recordings/{name}/stop": {
            "post": {
                "operationId": "end_recording",
                "summary": "End a recording and finish its file",
                "tags": ["recordings"],
                "parameters": [
                    {
                        "name": "name",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string"},
                        "description": "of its file, without .mcap",
                    }
                ],
                "responses": {
                    "200": {"description": "how it ended; state recording where its disk takes long", "content": entry},
                    **problems_of(_404="no recording of that name is in progress"),
                },
            }
        },
    }
