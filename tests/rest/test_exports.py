import asyncio
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse
from starlette.types import Message

from streamer.export.cut import WHOLE, Cut
from streamer.export.formats import FORMATS as MADE
from streamer.rest import exports as exports_module
from streamer.rest.exports import (
    FOLDERS,
    FORMATS,
    BadWish,
    ExportFailed,
    Exports,
    ExportWish,
    TooLarge,
    TooManyWait,
    parse,
)
from tests.recording.made import SIDE, frame, frames, pose, write


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "one.mcap"
    with path.open("wb") as file:
        write(file, frames(12))
    return path


async def stay() -> Message:
    await asyncio.sleep(3600)
    raise AssertionError


async def leave() -> Message:
    return {"type": "http.disconnect"}


async def answered(path: Path, wish: ExportWish) -> tuple[FileResponse, bytes]:
    """The answer and the bytes it brought, and afterwards nothing is left of it."""
    answer = await Exports().make(path, wish, stay)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    left = Path(answer.path)
    await answer({"type": "http", "method": "GET", "headers": []}, stay, send)
    assert not left.parent.exists()
    return answer, b"".join(message.get("body", b"") for message in sent)


async def made(path: Path, wish: ExportWish) -> tuple[str, bytes]:
    """The file's name and bytes."""
    answer, data = await answered(path, wish)
    return answer.headers["content-disposition"].partition('filename="')[2].rstrip('"'), data


def test_the_formats_that_are_folders_are_known() -> None:
    assert set(FORMATS) == set(MADE)
    assert {name for name, form in MADE.items() if form.is_folder} == set(FOLDERS)


def test_a_wish_is_parsed() -> None:
    assert parse([("to", "bvh")]) == ExportWish("bvh", None, WHOLE, None, None)
    every = [
        ("to", "trc"),
        ("fps", "29.97"),
        ("start_s", "0.1"),
        ("end_s", "2"),
        ("stream", "--cam"),
        ("person", "2"),
        ("filter", "offline"),
    ]
    assert parse(every) == ExportWish("trc", 29.97, Cut(0.1, 2), "--cam", 2, "offline")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ([], "to is missing; one of bvh, trc"),
        ([("to", "fbx")], "to is 'fbx'; one of bvh, trc"),
        ([("to", "bvh"), ("fps", "0")], "fps is '0'; source, or a number from 1 to 240"),
        ([("to", "bvh"), ("fps", "1e9")], "fps is '1e9'; source, or a number from 1 to 240"),
        ([("to", "bvh"), ("start_s", "-1")], "start_s is '-1'; a number of seconds from 0 to 999999"),
        ([("to", "bvh"), ("end_s", "nan")], "end_s is 'nan'; a number of seconds from 0 to 999999"),
        ([("to", "bvh"), ("start_s", "2"), ("end_s", "1")], "end_s is 1; it has to be after start_s, 2"),
        ([("to", "bvh"), ("person", "-1")], "person is '-1'; the id of one"),
        ([("to", "bvh"), ("person", "9" * 17)], "the id of one"),
        ([("to", "bvh"), ("stream", "a\0b")], "stream has a character that no id has"),
        ([("to", "bvh"), ("output", "/etc")], "no option 'output'; there are to, fps, start_s, end_s, stream, person"),
        ([("to", "bvh"), ("filter", "butter")], "filter is 'butter'; one of none, live, offline"),
        ([("to", "bvh"), ("filter", "one-euro:beta=x")], "beta"),
        ([("to", "bvh"), ("to", "trc")], "to is given twice"),
    ],
)
def test_what_cannot_be_is_refused_in_words(query: list[tuple[str, str]], text: str) -> None:
    with pytest.raises(BadWish) as caught:
        parse(query)
    assert text in str(caught.value)


async def test_one_file_comes_as_it_is(recording: Path) -> None:
    name, data = await made(recording, ExportWish("bvh"))
    assert name == "one.bvh"
    assert data.startswith(b"HIERARCHY")
    assert b"Frames: 12\n" in data


async def test_binary_gltf_says_that_it_is(recording: Path) -> None:
    kinds = {}
    for to in ("gltf", "vrma", "bvh"):
        answer, data = await answered(recording, ExportWish(to))
        kinds[to] = (answer.headers["content-type"], data[:4])
    gltf = ("model/gltf-binary", b"glTF")
    assert kinds == {"gltf": gltf, "vrma": gltf, "bvh": ("application/octet-stream", b"HIER")}


async def test_it_has_the_rate_that_was_asked_for(recording: Path) -> None:
    name, data = await made(recording, ExportWish("bvh", fps=29.97))
    assert name == "one.bvh"
    assert b"Frame Time: 0.03336670\n" in data


async def test_it_is_cut_as_asked(recording: Path) -> None:
    _, data = await made(recording, ExportWish("bvh", cut=Cut(0.1, 0.2)))
    assert b"Frames: 3\n" in data
    with pytest.raises(BadWish, match=r"^stream cam ends at 0\.36\d* s; there is nothing from 5 s on$"):
        await Exports().make(recording, ExportWish("bvh", cut=Cut(5)), stay)


async def test_it_is_filtered_as_asked(recording: Path) -> None:
    rows = [(await made(recording, ExportWish("csv", filter=kind)))[1] for kind in ("live", "none", "offline")]
    assert len(set(rows)) == 3


async def test_several_files_come_in_an_archive(tmp_path: Path, recording: Path) -> None:
    name, data = await made(recording, ExportWish("openpose-json"))
    assert name == "one-openpose-json.zip"
    names = [entry for entry in zipfile.ZipFile(BytesIO(data)).namelist() if entry.endswith(".json")]
    assert len(names) == 12
    assert names[0].startswith("one-openpose-json/one/")
    two = tmp_path / "-two.mcap"  # no option
    with two.open("wb") as file:
        both = [frame(seq, pose(1, seq), pose(2, -seq + 99)) for seq in range(1, 9)]
        write(file, both)
    name, data = await made(two, ExportWish("trc"))
    assert sorted(zipfile.ZipFile(BytesIO(data)).namelist())[-2:] == [
        "-two-trc/-two_person1.trc",
        "-two-trc/-two_person2.trc",
    ]
    assert (await made(two, ExportWish("trc", person=2)))[0] == "-two.trc"


async def test_a_stream_that_is_not_there_is_refused_without_the_servers_paths(tmp_path: Path, recording: Path) -> None:
    with pytest.raises(BadWish, match="has no stream side; it has cam"):
        await Exports().make(recording, ExportWish("bvh", stream=SIDE.id), stay)
    broken = tmp_path / "broken.mcap"
    broken.write_bytes(b"no recording")
    with pytest.raises(BadWish) as caught:
        await Exports().make(broken, ExportWish("bvh"), stay)
    assert str(caught.value).startswith("broken.mcap: ")


async def test_limits_are_named(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports_module, "MAX_EXPORT_BYTES", 100)
    with pytest.raises(TooLarge, match="here at most 100, any with posewire export"):
        await Exports().make(recording, ExportWish("bvh"), stay)
    monkeypatch.setattr(exports_module, "MAX_EXPORT_FRAMES", 50)
    with pytest.raises(TooLarge, match=r"^that would be 88 frames; here at most 50, and more with posewire export$"):
        await Exports().make(recording, ExportWish("bvh", fps=240.0), stay)
    cut = ExportWish("bvh", fps=240.0, cut=Cut(0.0, 0.2))
    with pytest.raises(TooLarge, match="at most 100, any"):  # as its files, not its frames, are too many
        await Exports().make(recording, cut, stay)
    monkeypatch.setattr(exports_module, "MAX_RECORDING_BYTES", 1000)
    with pytest.raises(TooLarge, match=r"one\.mcap has [0-9,]+ bytes; here at most 1,000"):
        await Exports().make(recording, ExportWish("bvh"), stay)
    monkeypatch.setattr(exports_module, "MAX_ASKED", 0)
    with pytest.raises(TooManyWait, match="0 exports are in progress"):
        await Exports().make(recording, ExportWish("bvh"), stay)


@pytest.fixture
def sleeper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Instead of exports what writes its process id into this file, and sleeps."""
    note, program = tmp_path / "pid", tmp_path / "sleeper"
    code = f"import os, pathlib, time; pathlib.Path({str(note)!r}).write_text(str(os.getpid())); time.sleep(600)"
    program.write_text(f"#!{sys.executable}\n{code}\n")
    program.chmod(0o755)
    monkeypatch.setattr(exports_module.sys, "executable", str(program))
    return note


def is_written(note: Path) -> bool:
    return note.exists() and note.read_text() != ""


def is_running(note: Path) -> bool:
    return Path(f"/proc/{note.read_text()}").exists()


async def test_one_that_takes_too_long_is_ended(
    recording: Path, sleeper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports_module, "TIMEOUT_S", 1.0)
    with pytest.raises(ExportFailed, match="it took more than 1 s"):
        await Exports().make(recording, ExportWish("bvh"), stay)
    assert not is_running(sleeper)


async def test_one_whose_client_has_gone_is_ended_and_lets_the_next_work(recording: Path, sleeper: Path) -> None:
    exports, began = Exports(), asyncio.Event()

    async def leave_later() -> Message:
        await began.wait()
        return await leave()

    first = asyncio.create_task(exports.make(recording, ExportWish("bvh"), leave_later))
    while not is_written(sleeper):
        await asyncio.sleep(0.01)
    assert is_running(sleeper)
    with pytest.raises(ClientDisconnect):  # while it waits for its turn
        await exports.make(recording, ExportWish("bvh"), leave)
    began.set()
    with pytest.raises(ClientDisconnect):
        await first
    assert not is_running(sleeper)
    assert exports._asked == 0
    assert not exports._turn.locked()
