"""The shapes of what the server answers, as OpenAPI schemas."""

from typing import Any

from protocol.limits import MAX_PEOPLE
from protocol.skeleton import ANGLES, LANDMARKS
from streamer.vitals.health import CAMERA_STATES, ENGINE_STATES

Json = dict[str, Any]


def schemas() -> Json:
    """All by name."""
    number: Json = {"type": "number"}
    keypoint = _object(
        id={"type": "integer"},
        name={"type": "string", "enum": list(LANDMARKS)},
        x=number,
        y=number,
        z=number,
        visibility=number,
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
    problem["properties"]["reason"] = {"type": "string", "description": "of a refusal, one word for programs"}
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
        "Cameras": _object(
            cameras={"type": "array", "items": _object(stream={"type": "string"}, taken={"type": "boolean"})},
            may_publish={"type": "boolean", "description": "whether the token is for being a camera"},
        ),
        "Health": _object(
            status={"type": "string", "enum": ["ok", "degraded"]},
            streams={"type": "object"},
            details={"type": "object", "additionalProperties": {"$ref": "#/components/schemas/StreamHealth"}},
        ),
        "StreamHealth": _object(
            camera={"type": "string", "enum": list(CAMERA_STATES)},
            engine={"type": "string", "enum": list(ENGINE_STATES)},
            last_picture_age_ms={"type": ["integer", "null"], "description": "null: there was none yet"},
            last_estimate_age_ms={"type": ["integer", "null"]},
            reason={"type": "string", "description": "what is wrong, empty where nothing is"},
        ),
        "Invitation": _object(
            urls={"type": "array", "items": {"type": "string"}, "description": "token included, the best one first"},
            read_urls={"type": "array", "items": {"type": "string"}, "description": "the same, for watching only"},
            authority={"type": "boolean", "description": "whether there is one to trust, at /authority.crt"},
        ),
    }


def _object(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}
