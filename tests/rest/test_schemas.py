from streamer.photo.picture import PictureLimits
from streamer.rest.openapi import describe
from streamer.rest.schemas import schemas


def references(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {value for key, value in node.items() if key == "$ref"}
        return own.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def test_every_reference_leads_somewhere_and_every_schema_is_used_or_named() -> None:
    description = describe(PictureLimits())
    found = {name.removeprefix("#/components/schemas/") for name in references(description)}
    assert found <= set(schemas())
    assert {name for name in set(schemas()) - found if name not in str(description["paths"])} == set()


def test_what_is_required_is_described() -> None:
    for name, schema in schemas().items():
        assert set(schema.get("required", [])) <= set(schema["properties"]), name
