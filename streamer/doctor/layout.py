"""How findings look: in a terminal, or as JSON."""

import json
import os
import shutil
import textwrap
from collections.abc import Sequence
from typing import Final, TextIO

from streamer.doctor.finding import Finding, Level

MARKS: Final[dict[Level, tuple[str, str]]] = {"ok": ("✓", "+"), "note": ("•", "-"), "problem": ("✗", "x")}
"""And what stands for each where the terminal's letters don't have it."""
COLOURS: Final[dict[Level, str]] = {"ok": "32", "note": "33", "problem": "31"}
MAX_WIDTH: Final = 100


class Layout:
    """Writes sections as they are done. colour: None for as the terminal and NO_COLOR say."""

    def __init__(self, stream: TextIO, width: int | None = None, colour: bool | None = None) -> None:
        self._stream = stream
        self._width = min(width or shutil.get_terminal_size((MAX_WIDTH, 0)).columns, MAX_WIDTH)
        self._coloured = stream.isatty() and "NO_COLOR" not in os.environ if colour is None else colour
        encoding = stream.encoding or "ascii"
        try:
            "✓•✗→".encode(encoding)
            self._plain = False
        except (UnicodeEncodeError, LookupError):
            self._plain = True

    def title(self, text: str) -> None:
        """Of the whole."""
        self._write(f"{text}\n")

    def heading(self, text: str) -> None:
        """Of a section, before its check begins: some take seconds."""
        self._write(self._paint(text, "1"))
        self._stream.flush()

    def findings(self, found: Sequence[Finding]) -> None:
        """Of the section."""
        for finding in found:
            mark = self._paint(MARKS[finding.level][self._plain], COLOURS[finding.level])
            self._wrapped(finding.text, f"  {mark} ", "    ")
            if finding.todo:
                self._wrapped(finding.todo, f"    {'->' if self._plain else '→'} ", "      ")
        self._write("")

    def conclusion(self, found: Sequence[Finding]) -> None:
        """How many of what there are, at the end."""
        problems, notes = (sum(finding.level == level for finding in found) for level in ("problem", "note"))
        noted = f", {_count(notes, 'note')}" if notes else ""
        if problems:
            self._write(self._paint(f"{_count(problems, 'problem')}{noted}", f"1;{COLOURS['problem']}"))
        else:
            self._write(self._paint(f"Nothing is wrong{noted}", f"1;{COLOURS['ok']}"))

    def _wrapped(self, text: str, first: str, then: str) -> None:
        # The mark's colour takes no room.
        lines = textwrap.wrap(
            text, self._width - len(then), break_long_words=False, break_on_hyphens=False, drop_whitespace=True
        )
        self._write(first + f"\n{then}".join(lines))

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._coloured else text

    def _write(self, line: str) -> None:
        self._stream.write(line + "\n")


def as_json(sections: Sequence[tuple[str, Sequence[Finding]]]) -> str:
    """All of it as one object."""
    wrong = any(finding.level == "problem" for _, found in sections for finding in found)
    told = [
        {"title": title, "findings": [{"level": one.level, "text": one.text, "todo": one.todo} for one in found]}
        for title, found in sections
    ]
    return json.dumps({"status": "problem" if wrong else "ok", "sections": told}, indent=2, ensure_ascii=False)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
