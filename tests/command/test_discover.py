import argparse
import json

import pytest

import posewire_client.discovery
from posewire_client.discovery import Found
from streamer.command.discover import add_options
from streamer.errors import PosewireError

FOUND = [Found("Posewire on studio", "https://192.168.0.7:8765/", True, "0.1.0")]


def run(monkeypatch: pytest.MonkeyPatch, found: list[Found] | OSError, *arguments: str) -> int:
    async def discover(seconds: float) -> list[Found]:
        if isinstance(found, OSError):
            raise found
        return found

    monkeypatch.setattr(posewire_client.discovery, "discover", discover)
    parser = argparse.ArgumentParser()
    add_options(parser)
    options = parser.parse_args(arguments)
    status: int = options.run(options)
    return status


def test_servers_are_lines_or_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, FOUND) == 0
    assert capsys.readouterr().out == "https://192.168.0.7:8765/  Posewire on studio, needs its token\n"
    assert run(monkeypatch, FOUND, "--json") == 0
    assert [server["url"] for server in json.loads(capsys.readouterr().out)] == ["https://192.168.0.7:8765/"]


def test_no_server_is_status_1_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, [], "--seconds", "3") == 1
    told = capsys.readouterr()
    assert (told.out, told.err.startswith("no server answered in 3 s; ")) == ("", True)
    assert run(monkeypatch, [], "--json") == 0
    assert capsys.readouterr().out == "[]\n"


def test_a_network_that_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PosewireError, match="the network can't be asked: Network is down"):
        run(monkeypatch, OSError(100, "Network is down"))
