"""Unity's package as a package: its manifest, its assemblies, and a .meta for all that Unity imports."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from protocol import BONES
from streamer import __version__

ROOT = Path(__file__).parents[2]
UNITY = ROOT / "clients" / "unity"
GUID = re.compile(r"^fileFormatVersion: 2\nguid: ([0-9a-f]{32})\n")
# Gone, or marked obsolete, in one version or another from 2021.3 to 6000: neither compiles without a warning in all.
OBSOLETE = ["FindObjectOfType", "FindObjectsOfType", "FindFirstObjectByType", "FindAnyObjectByType", "GetInstanceID"]


@pytest.fixture(scope="module")
def metas() -> ModuleType:
    spec = importlib.util.spec_from_file_location("metas", UNITY / "Tests~" / "metas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(path: Path) -> dict:
    return json.loads(path.read_text())


def test_each_asset_has_its_meta_and_each_meta_its_asset(metas: ModuleType) -> None:
    wanted = {metas.meta(relative) for relative in metas.visible()}
    assert {path.name for path in wanted} >= {"Runtime.meta", "package.json.meta", "PosewireAvatar.cs.meta"}
    there = set(UNITY.rglob("*.meta"))
    assert sorted(wanted - there) == [], "missing: run python clients/unity/Tests~/metas.py"
    assert sorted(there - wanted) == [], "of nothing: run python clients/unity/Tests~/metas.py"


def test_each_meta_is_as_unity_writes_it(metas: ModuleType) -> None:
    guids = {}
    for relative in metas.visible():
        if not metas.meta(relative).exists():
            continue  # the test above says so
        text = metas.meta(relative).read_text()
        # The GUID, once given, stays even if a file moves; all else follows from the kind.
        match = GUID.match(text)
        assert match, relative
        assert text.removeprefix(match[0]) == metas.importer(UNITY / relative), relative
        assert match[1] not in guids, f"{relative} and {guids[match[1]]} have one GUID"
        guids[match[1]] = relative


def test_a_kind_that_is_not_known_is_refused(metas: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="which importer"):
        metas.importer(tmp_path / "picture.png")


def test_the_manifest() -> None:
    manifest = read(UNITY / "package.json")
    # tomllib is younger than the oldest Python that the project runs on.
    project = dict(re.findall(r'^(license) = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE))
    assert manifest["name"] == "com.posewire.receiver"
    assert manifest["version"] == __version__
    assert manifest["license"] == project["license"]
    assert manifest["unity"] == "2021.3"
    assert f"## [{manifest['version']}]" in (UNITY / "CHANGELOG.md").read_text()
    assert (UNITY / "LICENSE.md").read_text() == (ROOT / "LICENSE").read_text()
    listed = {sample["path"] for sample in manifest["samples"]}
    assert listed == {f"Samples~/{folder.name}" for folder in (UNITY / "Samples~").iterdir()}
    for path in listed:
        assert (UNITY / path / "README.md").is_file()


def test_the_assemblies_know_each_other_one_way() -> None:
    assemblies = {path.stem: read(path) for path in UNITY.rglob("*.asmdef")}
    assert {name: assembly["name"] for name, assembly in assemblies.items()} == {name: name for name in assemblies}
    assert assemblies["Posewire.Core"]["references"] == []
    assert assemblies["Posewire.Core"]["noEngineReferences"] is True
    assert assemblies["Posewire"]["references"] == ["Posewire.Core"]
    assert sorted(assemblies["Posewire.Editor"]["references"]) == ["Posewire", "Posewire.Core"]
    assert assemblies["Posewire.Editor"]["includePlatforms"] == ["Editor"]


def test_nothing_that_a_newer_unity_warns_of() -> None:
    for folder in ("Runtime", "Editor", "Samples~"):
        for path in (UNITY / folder).rglob("*.cs"):
            source = path.read_text()
            assert [name for name in OBSOLETE if name in source] == [], path
    # A file holds the type of its name: Unity finds a component's script that way.
    for path in (UNITY / "Runtime" / "Unity").glob("Posewire*.cs"):
        assert f"class {path.stem}" in path.read_text()


def test_every_bone_of_the_protocol_is_in_the_table_in_its_order() -> None:
    table = (UNITY / "Runtime" / "Unity" / "HumanoidBones.cs").read_text()
    names = re.findall(r'"(\w+)"', table)
    engine = re.findall(r"HumanBodyBones\.(\w+),", table)
    assert names == list(BONES)
    assert [name[0].lower() + name[1:] for name in engine] == list(BONES)
