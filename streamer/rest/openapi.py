"""The HTTP side described as OpenAPI 3.1, from the same numbers and names that the code goes by."""

from typing import Any

from protocol.limits import MAX_PEOPLE
from protocol.skeleton import ANGLES, LANDMARKS, PRESETS
from streamer import __version__
from streamer.engine import MODELS
from streamer.photo.picture import PictureLimits
from streamer.photo.report import PHOTO_FIELDS
from streamer.photo.request import PhotoRequest
from streamer.rest.problem import MEDIA_TYPE

Json = dict[str, Any]

_PROBLEMS = {
    400: "the upload isn't well-formed, or the request has no single Host header",
    401: "a token is needed, or the one shown is wrong",
    403: "a page of another origin asked",
    408: "the upload stood still",
    413: "more bytes or pixels than allowed",
    415: "no multipart/form-data, or a file that is no JPEG, PNG or WebP",
    421: "a Host header with a name that isn't the server's",
    422: "an option out of range, a field that is missing, or a picture that can't be decoded",
    429: "too many uploads of this address at a time; Retry-After says when to come again",
    503: "too many pictures wait, or one failed; Retry-After says when to come again",
}


def describe(limits: PictureLimits) -> Json:
    """The OpenAPI object."""
    size = f"{limits.max_bytes:,} bytes and {limits.max_pixels:,} pixels at most"
    options = _options()
    batch = [option for option in options if option["name"] != "annotated"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Posewire",
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "The poses in pictures. The live stream is a WebSocket at /stream: protocol/SPEC.md.",
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "query": {"type": "apiKey", "in": "query", "name": "token"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
        "security": [{}, {"query": []}, {"bearer": []}],
        "paths": {
            "/detect": {
                "post": {
                    "summary": "The people in one picture",
                    "operationId": "detect",
                    "parameters": options,
                    "requestBody": _upload(
                        "image", {"type": "string", "format": "binary"}, f"JPEG, PNG or WebP, {size}"
                    ),
                    "responses": {
                        "200": {
                            "description": "who is in the picture; a PNG with the skeletons drawn where annotated=1",
                            "headers": {"x-posewire-cache": {"schema": {"enum": ["hit", "miss"]}}},
                            "content": {"application/json": _ref("Found"), "image/png": {"schema": {}}},
                        },
                        **_problems(400, 401, 403, 408, 413, 415, 421, 422, 429, 503),
                    },
                }
            },
            "/batch_detect": {
                "post": {
                    "summary": "The people in many pictures, a line of JSON for each as soon as it is done",
                    "operationId": "batch_detect",
                    "parameters": batch,
                    "requestBody": _upload(
                        "images",
                        {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}},
                        f"Pictures, each JPEG, PNG or WebP, {size}",
                    ),
                    "responses": {
                        "200": {
                            "description": "lines, each a BatchLine; a picture that can't be used has `error`",
                            "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
                        },
                        **_problems(400, 401, 403, 408, 415, 421, 422, 429),
                    },
                }
            },
            "/streams": {
                "get": {
                    "summary": "The live streams",
                    "operationId": "streams",
                    "responses": {
                        "200": {
                            "description": "as in the stream's hello",
                            "content": {"application/json": _ref("Streams")},
                        },
                        **_problems(400, 401, 403, 421),
                    },
                }
            },
            "/healthz": {
                "get": {
                    "summary": "Whether all streams are live; needs no token",
                    "operationId": "healthz",
                    "security": [{}],
                    "responses": {
                        "200": {"description": "no stream is lost", "content": {"application/json": _ref("Health")}},
                        "503": {"description": "a stream is lost", "content": {"application/json": _ref("Health")}},
                        **_problems(400, 403, 421),
                    },
                }
            },
            "/metrics": {
                "get": {
                    "summary": "The server in numbers, for Prometheus",
                    "operationId": "metrics",
                    "responses": {
                        "200": {
                            "description": "the text format, version 0.0.4",
                            "content": {"text/plain": {"schema": {"type": "string"}}},
                        },
                        **_problems(400, 401, 403, 421),
                    },
                }
            },
        },
    }


def _options() -> list[Json]:
    default = PhotoRequest()
    names = ", ".join(PRESETS)
    schemas: dict[str, tuple[Json, str]] = {
        "model": ({"enum": list(MODELS), "default": default.model}, "from fast to accurate"),
        "people": (
            {"type": "integer", "minimum": 1, "maximum": MAX_PEOPLE, "default": default.people},
            "look for up to so many",
        ),
        "min_confidence": (
            {"type": "number", "minimum": 0, "maximum": 1, "default": default.min_confidence},
            "how sure the networks have to be of a person",
        ),
        "fields": (
            {"type": "array", "items": {"enum": list(PHOTO_FIELDS)}, "minItems": 1, "uniqueItems": True},
            "what `people` hold: keypoints (image), world, angles; all by default",
        ),
        "landmarks": (
            {
                "type": "array",
                "items": {"anyOf": [{"enum": list(LANDMARKS)}, {"type": "integer", "minimum": 0, "maximum": 32}]},
                "minItems": 1,
                "uniqueItems": True,
            },
            f"names and indices in the order wanted, none twice, or one of {names}; all by default",
        ),
        "annotated": ({"enum": ["0", "1"], "default": "0"}, "1: a PNG with the skeletons drawn instead of JSON"),
    }
    return [
        {"name": name, "in": "query", "schema": schema, "description": text, "style": "form", "explode": False}
        for name, (schema, text) in schemas.items()
    ]


def _schemas() -> Json:
    number: Json = {"type": "number"}
    keypoint = _object(
        id={"type": "integer"}, name={"enum": list(LANDMARKS)}, x=number, y=number, z=number, visibility=number
    )
    keypoints = {"type": "array", "items": {"$ref": "#/components/schemas/Keypoint"}}
    person = _object(
        id={"type": "integer", "minimum": 1},
        score={"type": "number", "minimum": 0, "maximum": 1},
        keypoints=keypoints | {"description": "x, y in [0, 1] of the picture from its top left, z scaled like x"},
        world=keypoints | {"description": "metres, origin midway between the hips, y up, z toward the camera"},
        angles=_object(**{name: {"type": ["number", "null"]} for name in ANGLES})
        | {"description": "degrees; null where one can't be told"},
    )
    person["required"] = ["id", "score"]
    found = _object(
        keypoints=keypoints | {"description": "of the first person, empty where nobody is"},
        people={"type": "array", "maxItems": MAX_PEOPLE, "items": {"$ref": "#/components/schemas/Person"}},
        size={"type": "array", "items": {"type": "integer"}, "description": "width and height in pixels"},
    )
    problem = _object(
        type={"type": "string"}, title={"type": "string"}, status={"type": "integer"}, detail={"type": "string"}
    )
    line = {
        "type": "object",
        "properties": {"index": {"type": "integer"}, "name": {"type": "string"}, **found["properties"]}
        | {"error": {"$ref": "#/components/schemas/Problem"}},
    }
    return {
        "Keypoint": keypoint,
        "Person": person,
        "Found": found,
        "Problem": problem,
        "BatchLine": line,
        "Streams": _object(streams={"type": "array", "items": {"type": "object"}}),
        "Health": _object(status={"enum": ["ok", "degraded"]}, streams={"type": "object"}),
    }


def _object(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _ref(name: str) -> Json:
    return {"schema": {"$ref": f"#/components/schemas/{name}"}}


def _upload(field: str, schema: Json, text: str) -> Json:
    form = {"type": "object", "properties": {field: schema | {"description": text}}, "required": [field]}
    return {"required": True, "content": {"multipart/form-data": {"schema": form}}}


def _problems(*statuses: int) -> Json:
    content = {MEDIA_TYPE: _ref("Problem")}
    return {str(status): {"description": _PROBLEMS[status], "content": content} for status in statuses}
