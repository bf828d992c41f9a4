"""SPEC.md and the code say the same."""

import re
from pathlib import Path

import pytest

import protocol
from protocol import EDGES, LANDMARKS, PRESETS, encode, errors, limits
from protocol.codec import decode_map
from protocol.messages import DTYPES, FIELDS, STATES
from protocol.vectors import generate
from streamer.guard import door, lockout, share
from streamer.hub.hub import STALL_LIMIT_US
from streamer.server.http import STALL_S

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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_CONNECTIONS", door.MAX_CONNECTIONS),
        ("MAX_PER_ADDRESS", door.MAX_PER_ADDRESS),
        ("HANDSHAKE_S", f"{door.HANDSHAKE_S:g} s"),
        ("MESSAGES_PER_S`, `MESSAGE_BURST", f"{door.MESSAGES_PER_S:g} a second, {door.MESSAGE_BURST:g} at once"),
        ("SUBSCRIPTIONS_PER_CONNECTION", door.SUBSCRIPTIONS_PER_CONNECTION),
        ("MOST`, `TOGETHER`, `LEAST", f"{share.MOST:.0%}, {share.TOGETHER:.0%}, {share.LEAST:.0%}".replace("%", " %")),
        ("MAX_FAILURES`, `LOCK_S", f"{lockout.MAX_FAILURES}, {lockout.LOCK_S:g} s"),
        ("STALL_LIMIT_US`, `STALL_S", f"{STALL_LIMIT_US / 1e6:g} s"),
    ],
)
def test_the_servers_own_limits_are_specified(name: str, value: object) -> None:
    assert f"| `{name}` | {value} |" in SPEC
    assert STALL_S == STALL_LIMIT_US / 1e6


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


@pytest.mark.parametrize(
    "message", ["hello", "subscribe", "subscribed", "unsubscribe", "frame", "time", "error", "status", "dropped"]
)
def test_every_key_is_in_the_table_of_its_message(message: str) -> None:
    section = SPEC.partition(f"### {message} (")[2].partition("\n##")[0]
    found = [entry.message for entry in generate.valid().values()]
    for data in (decode_map(encode(m)) for m in found if type(m).__name__.lower() == message):
        for key in data:
            assert f"\n| `{key}` |" in section, key


def test_the_smallest_client_is_the_one_that_is_shipped() -> None:
    shown = SPEC.partition("```python\n")[2].partition("```")[0]
    path = Path(protocol.__file__).parent.parent / "clients" / "python" / "ten_lines.py"
    if path.exists():  # not beside an installed package
        assert shown in path.read_text(encoding="utf-8")
    compile(shown, "SPEC.md", "exec")


def test_presets_hold_the_indices_that_are_listed() -> None:
    for name, indices in PRESETS.items():
        listed = SPEC.partition(f"\n| `{name}` | ")[2].partition("\n")[0].partition(" (")[0].removesuffix(" |")
        first, _, last = listed.partition("-")
        expected = tuple(range(int(first), int(last) + 1)) if last else tuple(map(int, listed.split()))
        assert indices == expected, name


def test_links_lead_somewhere() -> None:
    folder = Path(protocol.__file__).parent
    for target in re.findall(r"\]\(([^)]+)\)", SPEC):
        name, _, anchor = target.partition("#")
        assert not name or (folder / name).exists(), target
        assert not anchor or anchor in anchors(folder / (name or "SPEC.md")), target


def anchors(path: Path) -> set[str]:
    headings = [line.lstrip("# ").lower() for line in path.read_text(encoding="utf-8").splitlines() if line[:1] == "#"]
    return {re.sub(r"[^a-z0-9 -]", "", heading).replace(" ", "-") for heading in headings}


def test_codes_that_close_say_with_what() -> None:
    rows = {line.split("`")[1]: line for line in SPEC.splitlines() if line.startswith("| `") and line.count("|") == 4}
    for code in errors.CODES:
        close = errors.CLOSE_CODES.get(code)
        assert (f"close {close}" in rows[code]) if close else "| close" not in rows[code], code
