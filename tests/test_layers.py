"""Imports go one way, along the data flow; only the pipeline wires stages together."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Each module may import those of its own rank and below, never above. A folder counts as one.
RANKS = [
    {"errors", "clock", "slot", "threads", "signals", "config", "vitals", "settings"},
    {"recording"},
    {"source"},
    {"engine"},
    {"filter", "body"},
    {"solver"},
    {"take"},
    {"guard", "lan"},
    {"hub"},
    {"output", "export"},
    {"stream"},
    {"photo", "replay", "nats"},
    {"rest"},
    {"server"},
    {"pipeline"},
    {"log_limit", "watch"},
    {"log"},
    {"doctor", "offline"},
    {"command"},
    {"cli"},
    {"__main__"},
]
RANK = {name: rank for rank, names in enumerate(RANKS) for name in names}
MODULES = sorted((ROOT / "streamer").rglob("*.py"))


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def part_of(path: Path) -> str:
    return path.relative_to(ROOT / "streamer").parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    own = part_of(path)
    if own == "__init__":
        assert not any(name.startswith("streamer.") for name in imports(path))
        return
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "streamer" and parts[1] != "__version__":
            assert RANK[parts[1]] <= RANK[own], f"{own} imports {name}"


@pytest.mark.parametrize("path", sorted((ROOT / "protocol").rglob("*.py")), ids=lambda path: path.name)
def test_the_protocol_stands_alone(path: Path) -> None:
    allowed = {"protocol", "msgpack", "numpy"}
    import sys

    for name in imports(path):
        assert name.split(".")[0] in allowed | set(sys.stdlib_module_names), name


def test_every_module_has_a_mirror_test() -> None:
    tested_elsewhere = {
        "__init__",
        "__main__",
        "config",
        "errors",
        "limits",
        "base",
        "messages",
        "body",
        "openapi_live",
        "openapi_recording",
        "openapi_replay",
        "take",
        "performance",
    }
    names = {path.stem for path in [*MODULES, *(ROOT / "protocol").glob("*.py")]} - tested_elsewhere
    # These are tested where they can be for real: as parts of one folder, or from outside.
    together = {"camera", "opencv", "video", "network", "images", "schema", "reader", "generate"}
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests").rglob("test_*.py")}
    assert names - together - tests == set()


def test_no_module_outgrows_its_noun() -> None:
    for path in [*MODULES, *(ROOT / "protocol").rglob("*.py")]:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 320, path
