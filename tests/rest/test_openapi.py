from streamer.guard.access import Access, Refusal, Role, Visit
from streamer.photo.picture import PictureLimits
from streamer.photo.request import KEYS
from streamer.rest.exports import KEYS as EXPORT_KEYS
from streamer.rest.openapi import describe
from streamer.server.server import PAGES
from tests.inprocess import LocalServer

DESCRIPTION = describe(PictureLimits())


def test_every_option_is_described_and_none_else() -> None:
    described = [option["name"] for option in DESCRIPTION["paths"]["/detect"]["post"]["parameters"]]
    assert tuple(described) == KEYS


def test_every_option_of_an_export_is_described_and_none_else() -> None:
    [_, *options] = DESCRIPTION["paths"]["/recordings/{name}/export"]["get"]["parameters"]
    assert tuple(option["name"] for option in options) == EXPORT_KEYS


def test_limits_are_those_of_the_server() -> None:
    text = str(describe(PictureLimits(1234, 567_890)))
    assert "1,234 bytes and 567,890 pixels" in text


def test_every_path_is_described_but_pages_and_websockets() -> None:
    paths = {route.path for route in LocalServer(Access(None), 32, None).app._app.routes}
    assert set(DESCRIPTION["paths"]) == paths - {*PAGES, "/stream", "/publish/{stream}", "/static"}


def test_what_is_open_is_open() -> None:
    """What the description says needs no token, and the access rules, agree."""
    access = Access("s3cret")
    for path, operations in DESCRIPTION["paths"].items():
        for operation in operations.values():
            checked = access.check(Visit(path, [("Host", "localhost")], None, "127.0.0.1", "127.0.0.1"))
            assert (operation.get("security") == [{}]) == isinstance(checked, Role), path
            assert ("401" in operation["responses"]) == isinstance(checked, Refusal), path


def test_operations_have_names_of_their_own_and_a_place() -> None:
    operations = [operation for one in DESCRIPTION["paths"].values() for operation in one.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert {tag for operation in operations for tag in operation["tags"]} == {
        tag["name"] for tag in DESCRIPTION["tags"]
    }
