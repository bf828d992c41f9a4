import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from streamer.guard.access import Role
from streamer.hub.catalog import Catalog
from streamer.recording import recordings as recordings_module
from streamer.recording.recordings import Recordings
from streamer.rest.problem import Problem
from streamer.rest.recording import RecordingService
from tests.recording.made import CAM, SIDE, hello


@pytest.fixture
def catalog() -> Catalog:
    catalog = Catalog()
    for info in (CAM, SIDE):
        catalog.add(info, 1)
    return catalog


@pytest.fixture
def service(catalog: Catalog, tmp_path: Path) -> Iterator[RecordingService]:
    recordings = Recordings(tmp_path, lambda: hello(*catalog.streams), video=False)
    yield RecordingService(recordings, catalog)
    recordings.close(10)


def request(body: object = None, name: str = "", role: Role = Role.CONTROL, query: bytes = b"") -> Request:
    message = {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}

    async def receive() -> dict:
        if not message:
            await asyncio.sleep(3600)  # nobody leaves
        told = dict(message)
        message.clear()
        return told

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "headers": headers, "path_params": {"name": name}, "query_string": query}
    return Request({**scope, "state": {"role": role}}, receive)


async def test_one_is_begun_listed_and_ended(service: RecordingService, tmp_path: Path) -> None:
    answer = await service.begin(request({"name": "one", "streams": ["side"]}))
    assert answer.status_code == 201
    begun = json.loads(answer.body)
    assert (begun["name"], begun["state"], begun["streams"]) == ("one", "recording", ["side"])
    told = json.loads((await service.recordings(request())).body)
    assert [(entry["name"], entry["state"]) for entry in told["recordings"]] == [("one", "recording")]
    assert told["may_record"] is True
    assert json.loads((await service.recordings(request(role=Role.READ))).body)["may_record"] is False
    ended = json.loads((await service.end(request(name="one"))).body)
    assert ended["state"] == "finished"
    assert ended["bytes"] == (tmp_path / "one.mcap").stat().st_size


@pytest.mark.parametrize(
    ("wish", "status", "text"),
    [
        ({"name": "../x"}, 422, "name is '../x'; letters, digits, - and _"),
        ({"name": 7}, 422, "name has to be a string"),
        ({"streams": []}, 422, "streams has to be a list of some of cam, side"),
        ({"streams": "cam"}, 422, "streams has to be a list"),
        ({"streams": ["nope"]}, 422, "streams has to be a list"),
        ({"streams": [["cam"]]}, 422, "streams has to be a list"),
        ({"video": True}, 422, "no setting 'video'; name, streams"),
        ({"name": "taken"}, 409, "there is a recording taken"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(
    service: RecordingService, tmp_path: Path, wish: dict, status: int, text: str
) -> None:
    (tmp_path / "taken.mcap").write_bytes(b"")
    with pytest.raises(Problem) as caught:
        await service.begin(request(wish))
    assert caught.value.status == status
    assert text in caught.value.detail
    assert [entry.name for entry in service._recordings.entries()] == ["taken"]


async def test_one_that_is_not_there_cannot_be_ended(service: RecordingService) -> None:
    with pytest.raises(Problem) as caught:
        await service.end(request(name="nope"))
    assert caught.value.status == 404


async def test_without_a_folder_the_missing_option_is_named(catalog: Catalog) -> None:
    service = RecordingService(Recordings(None, lambda: hello(), video=False), catalog)
    with pytest.raises(Problem) as caught:
        await service.begin(request({}))
    assert (caught.value.status, "start it with --recordings DIR" in caught.value.detail) == (404, True)
    assert json.loads((await service.recordings(request())).body) == {
        "recordings": [],
        "possible": False,
        "may_record": False,
    }


async def test_more_than_there_may_be_are_for_another_time(
    service: RecordingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings_module, "MAX_IN_PROGRESS", 0)
    with pytest.raises(Problem) as caught:
        await service.begin(request({}))
    assert caught.value.status == 503


async def test_a_recording_is_downloaded_whole_or_in_part(service: RecordingService, tmp_path: Path) -> None:
    (tmp_path / "kept.mcap").write_bytes(bytes(range(100)))
    answer = await service.download(request(name="kept"))
    assert answer.headers["content-disposition"] == 'attachment; filename="kept.mcap"'
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def stay() -> Any:
        await asyncio.sleep(3600)

    await answer({"type": "http", "method": "GET", "headers": [(b"range", b"bytes=10-19")]}, stay, send)
    assert (sent[0]["status"], sent[1]["body"]) == (206, bytes(range(10, 20)))


@pytest.mark.parametrize("name", ["nope", "../kept", "..", "kept.mcap", ""])
async def test_no_other_file_is_given_away(service: RecordingService, tmp_path: Path, name: str) -> None:
    (tmp_path / "kept.mcap").write_bytes(b"x")
    (tmp_path.parent / "kept.mcap").write_bytes(b"secret")
    for ask in (service.download, service.export):
        with pytest.raises(Problem) as caught:
            await ask(request(name=name, query=b"to=bvh&token=x"))
        assert (caught.value.status, caught.value.detail) == (404, f"there is no recording {name!r}")


async def test_what_is_in_progress_is_neither_downloaded_nor_exported(service: RecordingService) -> None:
    await service.begin(request({"name": "one"}))
    for ask in (service.download, service.export):
        with pytest.raises(Problem) as caught:
            await ask(request(name="one", query=b"to=bvh"))
        assert (caught.value.status, caught.value.detail) == (409, "recording one is in progress; end it first")


async def test_an_export_that_cannot_be_is_refused(service: RecordingService, tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        await service.export(request(name="kept", query=b"to=fbx"))
    assert (caught.value.status, "to is 'fbx'" in caught.value.detail) == (422, True)
    (tmp_path / "kept.mcap").write_bytes(b"x")
    with pytest.raises(Problem) as caught:
        await service.export(request(name="kept", query=b"to=bvh"))
    assert (caught.value.status, caught.value.detail.startswith("kept.mcap: ")) == (422, True)
