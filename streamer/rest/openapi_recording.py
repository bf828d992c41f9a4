"""What OpenAPI says of `/recordings`."""

from streamer.export.cut import MAX_S
from streamer.export.rate import MAX_FPS, MIN_FPS, SOURCE
from streamer.recording.recordings import NAME
from streamer.rest.exports import FORMATS
from streamer.rest.schemas import Json

_ENTRY: Json = {
    "type": "object",
    "required": [
        "name",
        "state",
        "bytes",
        "duration_s",
        "streams",
        "messages",
        "left_out",
        "video",
        "error",
        "started",
    ],
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
        "started": {
            "type": ["string", "null"],
            "format": "date-time",
            "description": "date and time of the first message, UTC; null where that isn't known",
        },
    },
}
_LIST: Json = {
    "type": "object",
    "required": ["recordings", "possible", "may_record"],
    "properties": {
        "recordings": {"type": "array", "items": _ENTRY},
        "possible": {"type": "boolean", "description": "whether the server was started with --recordings DIR"},
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
_NAME: Json = {
    "name": "name",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "of its file, without .mcap",
}
_RATE: Json = {"type": "number", "minimum": MIN_FPS, "maximum": MAX_FPS}
_SECONDS: Json = {"type": "number", "minimum": 0, "maximum": MAX_S}
_OPTIONS: list[Json] = [
    {"name": name, "in": "query", "required": name == "to", "schema": schema, "description": description}
    for name, schema, description in (
        ("to", {"enum": list(FORMATS)}, "the format"),
        (
            "fps",
            {"anyOf": [_RATE, {"const": SOURCE}], "default": SOURCE},
            "frames a second; source: as many as were captured",
        ),
        (
            "start_s",
            _SECONDS | {"default": 0},
            "leave out what is before, in seconds of the recording from its first frame",
        ),
        ("end_s", _SECONDS, "leave out this time and what is after it; later than start_s"),
        ("stream", {"type": "string"}, "of several streams this one; by default each"),
        ("person", {"type": "integer", "minimum": 0}, "only the person with this id"),
        (
            "filter",
            {"type": "string", "default": "live"},
            "what the raw landmarks go through; live: as it was recorded, offline: smoothed both ways in time, without "
            "lag, none, or a filter of a stream, as in one-euro:beta=8",
        ),
    )
]


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
                        _404="started without --recordings DIR",
                        _408="the request stood still",
                        _409="there is a recording of that name",
                        _413="more bytes than allowed",
                        _415="not application/json",
                        _422="a name that can't be, an unknown stream, or a file that can't be made",
                        _503="too many are in progress",
                    ),
                },
            },
        },
        "/recordings/{name}": {
            "get": {
                "operationId": "recording",
                "summary": "The file of a recording, in MCAP",
                "tags": ["recordings"],
                "parameters": [_NAME],
                "responses": {
                    "200": {"description": "the file", "content": {"application/mcap": {"schema": {}}}},
                    "206": {"description": "the range that the header Range asks for", "content": {}},
                    "416": {"description": "a range beyond its end", "content": {}},
                    **problems_of(_404="no recording of that name", _409="it is in progress; end it first"),
                },
            }
        },
        "/recordings/{name}/stop": {
            "post": {
                "operationId": "end_recording",
                "summary": "End a recording and finish its file",
                "tags": ["recordings"],
                "parameters": [_NAME],
                "responses": {
                    "200": {"description": "how it ended; state recording where its disk takes long", "content": entry},
                    **problems_of(_404="no recording of that name is in progress"),
                },
            }
        },
        "/recordings/{name}/export": {
            "get": {
                "operationId": "export_recording",
                "summary": "A recording in another format",
                "tags": ["recordings"],
                "parameters": [_NAME, *_OPTIONS],
                "responses": {
                    "200": {
                        "description": "the file, or an archive where there are several people, streams or files",
                        "content": {
                            "application/octet-stream": {"schema": {}},
                            "model/gltf-binary": {"schema": {}},
                            "application/zip": {"schema": {}},
                        },
                    },
                    **problems_of(
                        _404="no recording of that name",
                        _409="it is in progress; end it first",
                        _413="a recording, or an export, that is longer than allowed here",
                        _422="an option that can't be, or nobody to export; the detail says which",
                        _503="too many exports wait, or one failed; Retry-After says when to come again",
                    ),
                },
            }
        },
    }
