"""What a check found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "note", "problem"]
"""note: fine as it is, but worth knowing. problem: something won't work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """text: what is so, in words. todo: what to do about it, empty where there is nothing to do."""

    level: Level
    text: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A title, and the check that finds what stands under it."""

    title: str
    check: Callable[[], Sequence[Finding]]


def ok(text: str) -> Finding:
    """As it should be."""
    return Finding("ok", text)


def note(text: str, todo: str = "") -> Finding:
    """Fine as it is, but worth knowing."""
    return Finding("note", text, todo)


def problem(text: str, todo: str) -> Finding:
    """Something won't work, unless something is done."""
    return Finding("problem", text, todo)


def examined(section: Section) -> Sequence[Finding]:
    """What a section's check finds; a check that fails is a finding, too."""
    try:
        return section.check()
    except Exception as error:
        why = f"{type(error).__name__}: {error}"[:300]
        return [problem(f"this couldn't be checked: {why}", "see whether another line says why; else report it")]
