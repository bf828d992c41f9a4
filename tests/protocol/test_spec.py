"""SPEC.md and the code say the same."""

from pathlib import Path

import pytest

import protocol
from protocol import EDGES, LANDMARKS, PRESETS, errors, limits
from protocol.messages import DTYPES, FIELDS, STATES
from protocol.vectors import generate

SPEC = (Path(protocol.__file__).parent / "SPEC.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", sorted(errors.CODES))
def test_every_error_code_is_specified(code: str) -> None:
    assert f"`{code}`" in SPEC


@pytest.mark.parametrize("name", [name for name in vars(limits) if name.isupper() and name != "Final"])
def test_every_limit_is_specified(name: str) -> None:
    value = getattr(limits, name)
    shown = {f"{value}", f"{value:,}", f"{value:g}"} if isinstance(value, int | float) else {value}
    row = [line for line in SPEC.splitlines() if f"`{name}`" in line]
    assert len(row) == 1
    assert any(text in row[0] for text in shown), row


def test_landmarks_edges_and_presets_are_listed() -> None:
    for index, name in enumerate(LANDMARKS):
        assert f"| {index} | `{name}` |" in SPEC
    assert " ".join(f"{a}-{b}" for a, b in EDGES) in SPEC
    for name in PRESETS:
        assert f"`{name}`" in SPEC


def test_every_message_field_and_state_is_specified() -> None:
    for kind in ("hello", "subscribe", "subscribed", "unsubscribe", "frame", "time", "error", "status", "dropped"):
        assert f"### {kind}" in SPEC
    for word in (*FIELDS, *STATES, *DTYPES):
        assert f"`{word}`" in SPEC


def test_the_worked_example_is_a_vector() -> None:
    data = (Path(generate.__file__).parent / "subscribe_list.msgpack").read_bytes()
    assert data.hex() in SPEC.replace(" ", "").replace("\n", "")
    assert (Path(generate.__file__).parent / "subscribe_list.json").read_text() in SPEC
