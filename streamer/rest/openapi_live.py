"""What OpenAPI says of `/settings` and `/preview`."""

from protocol.limits import MAX_PEOPLE
from streamer.rest.schemas import Json
from streamer.settings import FILTER_PARAMETERS, MODEL_WISHES

_STREAM: Json = {
    "name": "stream",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "its id",
}


def live_paths(problems: Json) -> Json:
    """The paths by name. problems: the answers that every request may get."""
    settings = _settings()
    told = {"application/json": {"schema": {"type": "object"}}}
    problem = problems["401"]["content"]

    def problems_of(**more: str) -> Json:
        return problems | {status[1:]: {"description": text, "content": problem} for status, text in more.items()}

    return {
        "/settings": {
            "get": {
                "operationId": "settings",
                "summary": "The settings of every stream but replayed recordings, with all that may be chosen",
                "tags": ["server"],
                "responses": {
                    "200": {"description": "streams, models, max_people, filters, may_change", "content": told},
                    **problems,
                },
            }
        },
        "/settings/{stream}": {
            "patch": {
                "operationId": "change_settings",
                "summary": "Change some settings of a stream while it runs",
                "tags": ["server"],
                "parameters": [_STREAM],
                "requestBody": {"required": True, "content": {"application/json": {"schema": settings}}},
                "responses": {
                    "200": {"description": "the stream's settings, in force from the next frame on", "content": told},
                    **problems_of(
                        _400="not JSON, or no single Host header",
                        _404="no such stream",
                        _408="the request stood still",
                        _409="it replays a recording, and has no settings",
                        _413="more bytes than allowed",
                        _415="not application/json",
                        _422="a value out of range; the detail names value and limit",
                        _503="an engine can't be made, or too many changes wait; nothing was changed",
                    ),
                },
            }
        },
        "/preview/{stream}": {
            "get": {
                "operationId": "preview",
                "summary": "What the camera sees, with --preview",
                "tags": ["server"],
                "parameters": [
                    _STREAM,
                    {
                        "name": "after",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 0, "default": 0},
                        "description": "only a picture captured after this time, in the server's microseconds",
                    },
                ],
                "responses": {
                    "200": {
                        "description": "a JPEG, 640 pixels on its longer side at most",
                        "headers": {"posewire-t-us": {"schema": {"type": "integer"}, "description": "its capture"}},
                        "content": {"image/jpeg": {"schema": {}}},
                    },
                    "204": {"description": "none came within a second"},
                    **problems_of(
                        _404="no such stream, or no pictures of it: started without --preview, or recorded without",
                        _422="after is no time",
                        _503="too many look at this stream",
                    ),
                },
            }
        },
    }


def _settings() -> Json:
    parameters = [
        {
            "type": "object",
            "additionalProperties": False,
            "title": kind,
            "properties": {
                name: {"type": "number", "minimum": known.low, "maximum": known.high, "description": known.unit}
                for name, known in known_parameters.items()
            },
        }
        for kind, known_parameters in FILTER_PARAMETERS.items()
    ]
    smoothing = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"kind": {"enum": list(FILTER_PARAMETERS)}, "parameters": {"anyOf": parameters}},
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "model": {"enum": list(MODEL_WISHES)},
            "people": {"type": "integer", "minimum": 1, "maximum": MAX_PEOPLE},
            "mirror": {"type": "boolean"},
            "smoothing": smoothing,
        },
    }
