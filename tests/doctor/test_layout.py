import io
import json

from streamer.doctor.finding import note, ok, problem
from streamer.doctor.layout import Layout, as_json

FOUND = [
    ok("Python 3.11"),
    note("no camera found", "files, network streams and the demo clip work without one"),
    problem("port 8765 is taken by python (process 7)", "end that"),
]


def shown(encoding: str = "utf-8", colour: bool = False, width: int = 40) -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    layout = Layout(stream, width, colour)
    layout.title("posewire doctor")
    layout.heading("All")
    layout.findings(FOUND)
    layout.conclusion(FOUND)
    return stream.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]


def test_marks_wrapped_lines_and_a_conclusion() -> None:
    assert shown() == (
        "posewire doctor\n"
        "\n"
        "All\n"
        "  ✓ Python 3.11\n"
        "  • no camera found\n"
        "    → files, network streams and the\n"
        "      demo clip work without one\n"
        "  ✗ port 8765 is taken by python\n"
        "    (process 7)\n"
        "    → end that\n"
        "\n"
        "1 problem, 1 note\n"
    )


def test_a_terminal_without_these_letters_and_one_with_colours() -> None:
    plain = shown("ascii")
    assert "  + Python 3.11\n  - no camera" in plain
    assert "    -> end that" in plain
    coloured = shown(colour=True)
    assert "  \x1b[32m✓\x1b[0m Python 3.11" in coloured
    assert "\x1b[1;31m1 problem, 1 note\x1b[0m" in coloured
    assert "\x1b" not in shown()


def test_nothing_wrong() -> None:
    stream = io.StringIO()
    Layout(stream, 80, False).conclusion([ok("a"), note("b"), note("c")])
    assert stream.getvalue() == "Nothing is wrong, 2 notes\n"


def test_as_json() -> None:
    told = json.loads(as_json([("All", FOUND), ("Rest", [])]))
    assert told["status"] == "problem"
    assert told["sections"][0]["findings"][2] == {
        "level": "problem",
        "text": "port 8765 is taken by python (process 7)",
        "todo": "end that",
    }
    assert json.loads(as_json([("All", FOUND[:2])]))["status"] == "ok"
