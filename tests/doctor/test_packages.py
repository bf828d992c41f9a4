from importlib import metadata

import pytest

from streamer.doctor import packages
from streamer.doctor.packages import check_packages, check_python, parse_requirement, satisfies


@pytest.mark.parametrize(
    ("version", "specifiers", "fits"),
    [
        ("0.10.31", "==0.10.31", True),
        ("0.10.35", "==0.10.31", False),
        ("15", ">=15.0,<18", True),
        ("17.4.post1", ">=15.0,<18", True),
        ("18.0", "<18,>=15.0", False),
        ("1.26.0rc1", ">=1.26", True),
        ("2026.4.1", "<2027,>=2025.2", True),
        ("3.14.0", "<3.14,>=3.10", False),
        ("1", "", True),
    ],
)
def test_versions_and_bounds(version: str, specifiers: str, fits: bool) -> None:
    assert satisfies(version, specifiers) == fits


def test_requirements_as_metadata_has_them() -> None:
    assert parse_requirement("numpy>=1.26") == ("numpy", ">=1.26", False)
    assert parse_requirement("mediapipe==0.10.31; sys_platform == 'win32'") == ("mediapipe", "==0.10.31", True)
    assert parse_requirement("websockets<18,>=15.0") == ("websockets", "<18,>=15.0", False)
    assert parse_requirement("pytest>=8.3; extra == 'test'") is None


def test_this_installation_is_whole() -> None:
    assert [finding.level for finding in check_packages()] == ["ok"]
    assert "numpy" in check_packages()[0].text
    assert check_python()[0].text.startswith("Python 3.")


def test_what_is_missing_too_new_or_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        metadata, "requires", lambda name: ["numpy>=99", "nosuchpackage>=1", "nosuch2; sys_platform == 'plan9'"]
    )
    monkeypatch.setattr(packages, "OWNERS_OF_CV2", ("pytest",))
    found = check_packages()
    assert [finding.level for finding in found] == ["ok", "problem", "problem", "note"]
    assert found[1].text.endswith("is installed; >=99 is needed")
    assert found[2].text == "nosuchpackage isn't installed"
    assert "pip install" in found[2].todo
    assert "pip uninstall pytest" in found[3].todo


def test_a_python_that_is_too_old_and_a_folder_that_isn_t_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.python_version", lambda: "3.9.2")
    [found] = check_python()
    assert (found.level, "needs" in found.text) == ("problem", True)

    def nowhere(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", nowhere)
    monkeypatch.setattr(metadata, "metadata", nowhere)
    assert check_python()[0].level != "problem"
    assert [finding.level for finding in check_packages()] == ["note"]
