"""The HTTP side described as OpenAPI 3.1, from the same numbers and names that the code goes by."""

from collections.abc import Sequence

from protocol.limits import MAX_PEOPLE
from protocol.skeleton import LANDMARKS, PRESETS
from streamer import __version__
from streamer.lan.invitation import PAGES as INVITED_PAGES
from streamer.photo.picture import PictureLimits
from streamer.photo.report import PHOTO_FIELDS
from streamer.photo.request import PhotoRequest
from streamer.rest.openapi_live import live_paths
from streamer.rest.openapi_recording import recording_paths
from streamer.rest.openapi_replay import replay_paths
from streamer.rest.problem import MEDIA_TYPE
from streamer.rest.schemas import Json, schemas
from streamer.settings import MODELS

_PROBLEMS = {
    400: "the upload isn't well-formed, or the request has no single Host header",
    401: "a token is needed, or the one shown is wrong",
    403: "a page of another origin asked, or the token is for watching only",
    404: "this server has none",
    408: "the upload stood still",
    413: "more bytes or pixels than allowed",
    415: "no multipart/form-data, or a file that is no JPEG, PNG or WebP",
    421: "a Host header with a name that isn't the server's",
    422: "an option out of range, a field that is missing, or a picture that can't be decoded",
    429: "too many uploads or connections of this address at a time, or too many wrong tokens from it; "
    "Retry-After says when to come again",
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
        "tags": [
            {"name": "pictures", "description": "Who is in a picture, and how they stand"},
            {"name": "recordings", "description": "What is kept of the streams"},
            {"name": "server", "description": "Its streams, its state, and how other devices find it"},
        ],
        "components": {
            "schemas": schemas(),
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
                    "tags": ["pictures"],
                    "parameters": options,
                    "requestBody": _upload(
                        "image", {"type": "string", "format": "binary"}, f"JPEG, PNG or WebP, {size}"
                    ),
                    "responses": {
                        "200": {
                            "description": "who is in the picture; a PNG with the skeletons drawn where annotated=1",
                            "headers": {"x-posewire-cache": {"schema": {"type": "string", "enum": ["hit", "miss"]}}},
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
                    "tags": ["pictures"],
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
            **_surroundings(),
            **live_paths(_problems(400, 401, 403, 421, 429)),
            **recording_paths(_problems(400, 401, 403, 421, 429)),
            **replay_paths(_problems(400, 401, 403, 421, 429)),
        },
    }


def _surroundings() -> Json:
    """What there is beside pictures: the streams, the server's state, and how other devices find it."""
    health: Json = {"application/json": _ref("Health")}
    return {
        "/streams": _get(
            "streams", "The live streams", "as in the stream's hello", {"application/json": _ref("Streams")}
        ),
        "/cameras": _get(
            *("cameras", "The streams that wait for a browser to be their camera", "`taken` where one is"),
            {"application/json": _ref("Cameras")},
        ),
        "/healthz": _get(
            *(
                "healthz",
                "Whether all streams are live, and whether it is camera or engine where not",
                "all is well",
                health,
            ),
            {"503": {"description": "a stream is lost, or an engine failed or hangs", "content": health}},
            is_open=True,
        ),
        "/metrics": _get(
            *("metrics", "The server in numbers, for Prometheus", "the text format, version 0.0.4"),
            {"text/plain": {"schema": {"type": "string"}}},
        ),
        "/openapi.json": _get(
            *("openapi", "This description", "OpenAPI 3.1"), {"application/json": {"schema": {"type": "object"}}}
        ),
        "/invitation": _get(
            *("invitation", "Where other devices find the page", "no addresses where only this machine can connect"),
            {"application/json": _ref("Invitation")},
        ),
        "/invitation.svg": _get(
            *("invitation_svg", "The best of these addresses as a QR code", "an SVG picture"),
            {"image/svg+xml": {"schema": {"type": "string"}}},
            _problems(404, 422),
            parameters=[_page()],
        ),
        "/authority.crt": _get(
            *("authority", "The certificate that devices have to trust, with --tls auto", "X.509, DER"),
            {"application/x-x509-ca-cert": {"schema": {}}},
            _problems(404),
            is_open=True,
        ),
    }


def _get(
    name: str,
    summary: str,
    answer: str,
    content: Json,
    further: Json | None = None,
    is_open: bool = False,
    parameters: Sequence[Json] = (),
) -> Json:
    """A GET. further: other answers than that and refusals; is_open: it needs no token."""
    operation: Json = {"operationId": name, "summary": summary, "tags": ["server"]}
    if parameters:
        operation["parameters"] = list(parameters)
    if is_open:
        operation["security"] = [{}]
    refusals = _problems(400, 403, 421, 429) if is_open else _problems(400, 401, 403, 421, 429)
    responses = {"200": {"description": answer, "content": content}, **(further or {}), **refusals}
    return {"get": {**operation, "responses": responses}}


def _page() -> Json:
    schema: Json = {"type": "string", "enum": list(INVITED_PAGES), "default": "live"}
    return {"name": "page", "in": "query", "description": "which page to invite to", "schema": schema}


def _options() -> list[Json]:
    default = PhotoRequest()
    names = ", ".join(PRESETS)
    schemas: dict[str, tuple[Json, str]] = {
        "model": ({"type": "string", "enum": list(MODELS), "default": default.model}, "from fast to accurate"),
        "people": (
            {"type": "integer", "minimum": 1, "maximum": MAX_PEOPLE, "default": default.people},
            "look for up to so many",
        ),
        "min_confidence": (
            {"type": "number", "minimum": 0, "maximum": 1, "default": default.min_confidence},
            "how sure the networks have to be of a person",
        ),
        "fields": (
            {
                "type": "array",
                "items": {"type": "string", "enum": list(PHOTO_FIELDS)},
                "minItems": 1,
                "uniqueItems": True,
            },
            "what `people` hold: keypoints (image), world, angles; all by default",
        ),
        "landmarks": (
            {
                "type": "array",
                "items": {
                    "anyOf": [
                        {"type": "string", "enum": list(LANDMARKS)},
                        {"type": "integer", "minimum": 0, "maximum": 32},
                    ]
                },
                "minItems": 1,
                "uniqueItems": True,
            },
            f"names and indices in the order wanted, none twice, or one of {names}; all by default",
        ),
        "annotated": (
            {"type": "string", "enum": ["0", "1"], "default": "0"},
            "1: a PNG with the skeletons drawn instead of JSON",
        ),
    }
    return [
        {"name": name, "in": "query", "schema": schema, "description": text, "style": "form", "explode": False}
        for name, (schema, text) in schemas.items()
    ]


def _ref(name: str) -> Json:
    return {"schema": {"$ref": f"#/components/schemas/{name}"}}


def _upload(field: str, schema: Json, text: str) -> Json:
    form = {"type": "object", "properties": {field: schema | {"description": text}}, "required": [field]}
    return {"required": True, "content": {"multipart/form-data": {"schema": form}}}


def _problems(*statuses: int) -> Json:
    content = {MEDIA_TYPE: _ref("Problem")}
    return {str(status): {"description": _PROBLEMS[status], "content": content} for status in statuses}
