from streamer.photo.picture import PictureLimits
from streamer.photo.request import KEYS
from streamer.rest.openapi import describe

DESCRIPTION = describe(PictureLimits())


def test_every_option_is_described_and_none_else() -> None:
    described = [option["name"] for option in DESCRIPTION["paths"]["/detect"]["post"]["parameters"]]
    assert tuple(described) == KEYS


def test_limits_are_those_of_the_server() -> None:
    text = str(describe(PictureLimits(1234, 567_890)))
    assert "1,234 bytes and 567,890 pixels" in text


def test_every_reference_leads_somewhere() -> None:
    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            return [value for key, value in node.items() if key == "$ref"] + references(list(node.values()))
        return [found for item in node for found in references(item)] if isinstance(node, list) else []

    found = references(DESCRIPTION)
    assert found
    assert {name.removeprefix("#/components/schemas/") for name in found} <= set(DESCRIPTION["components"]["schemas"])
