"""The feed stands alone: only the standard library, numpy and itself, under whatever name Blender loads it."""

import ast
import sys
from pathlib import Path

import pytest

import posewire.feed
import protocol.limits
from posewire.feed import limits

MODULES = sorted(Path(posewire.feed.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_nothing_but_the_standard_library_and_numpy(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 1, "what is above the feed may need Blender"
        for name in names:
            assert name.split(".")[0] in {"numpy", *sys.stdlib_module_names}, name


def test_every_module_has_a_mirror_test() -> None:
    tests = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert {path.stem for path in MODULES} - tests == {"__init__", "limits", "messages"}


def test_no_module_outgrows_its_noun() -> None:
    for path in MODULES:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, path


def test_the_limits_are_those_of_the_protocol() -> None:
    own = {name: value for name, value in vars(limits).items() if name.isupper()}
    theirs = vars(protocol.limits) | {
        "SUBPROTOCOL": protocol.SUBPROTOCOL_MSGPACK,
        "MAX_LANDMARKS": len(protocol.LANDMARKS),
        "MAX_VERSION": 1_000_000,
        "MAX_FLOOR_M": 1e6,
    }
    assert own == {name: theirs[name] for name in own}
