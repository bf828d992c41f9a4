import os
import subprocess
import sys
from pathlib import Path

import pytest

from streamer import __version__
from streamer.cli import main, make_parser
from streamer.command import watch


def test_defaults_serve_the_demo_clip_on_loopback() -> None:
    options = make_parser().parse_args(["serve"])
    assert options.source is None
    assert (options.host, options.port) == ("127.0.0.1", 8765)
    assert (options.model, options.people, options.smoothing, options.mirror) == (None, None, None, None)  # not given
    assert (options.pace, options.loop) == ("realtime", True)


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--version"], ["--help"], ["serve", "--help"], ["watch", "--help"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert f"posewire {__version__}" in shown
    for option in ("--source", "--rotate", "--fov", "--people", "--smoothing", "--allow-origin", "--json"):
        assert option in shown


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "COMMAND"),
        (["dance"], "'dance'"),
        (["serve", "--port", "x"], "'x' is not a number from 0 to 65535"),
        (["serve", "--fov", "5"], "'5' is not a number from 10 to 150"),
        (["serve", "--people", "3.5"], "'3.5' is not a number from 1 to 8"),
        (["serve", "--token", "a", "--no-auth"], "--no-auth"),
        (["watch"], "url"),
        (["watch", "ws://x", "--frames", "0"], "'0' is not a number from 1"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("posewire: ")
    assert expected in line


def test_the_unexpected_is_one_line_and_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(options: object) -> int:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(watch, "run", broken)
    assert main(["watch", "ws://x"]) == 1
    assert capsys.readouterr().err == "posewire: unexpected RuntimeError: two lines (--verbose shows where)\n"
    with pytest.raises(RuntimeError):
        main(["watch", "ws://x", "--verbose"])


def test_the_command_and_the_module_are_the_same(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("posewire")), "--version"]
    module = [sys.executable, "-m", "streamer", "--version"]
    shown = [
        subprocess.run(c, capture_output=True, text=True, cwd=tmp_path, check=True).stdout for c in (command, module)
    ]
    assert shown[0] == shown[1] == f"posewire {__version__}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="there a command has always one")
def test_without_a_standard_output_it_works_too(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    command = f"exec {sys.executable} -m streamer detect gone/x.png >&-"
    done = subprocess.run(command, shell=True, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert "unexpected" not in done.stderr


@pytest.mark.parametrize("arguments", [["--version"], ["serve", "--help"]])
def test_a_reader_that_has_gone_is_no_fault(arguments: list[str], tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "streamer", *arguments]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
