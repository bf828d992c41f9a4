"""Write the .meta files that the package lacks: Unity ignores what has none in a package installed by git URL.

    python clients/unity/Tests~/metas.py

A GUID is the MD5 of the path inside the package, so that it never changes, on whatever machine the file is made.
"""

import hashlib
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
NAME = "com.posewire.receiver"

TAIL = "  externalObjects: {}\n  userData: \n  assetBundleName: \n  assetBundleVariant: \n"
SCRIPT = (
    "MonoImporter:\n  externalObjects: {}\n  serializedVersion: 2\n  defaultReferences: []\n  executionOrder: 0\n"
    "  icon: {instanceID: 0}\n  userData: \n  assetBundleName: \n  assetBundleVariant: \n"
)


def visible(package: Path = PACKAGE) -> list[Path]:
    """Files and folders that Unity imports, relative to the package: none hidden, none in a folder that ends in ~."""
    found = []
    for path in sorted(package.rglob("*")):
        relative = path.relative_to(package)
        hidden = any(part.startswith(".") or part.endswith("~") for part in relative.parts)
        if not hidden and path.suffix != ".meta" and "__pycache__" not in relative.parts:
            found.append(relative)
    return found


def guid(relative: Path) -> str:
    """The GUID of a file or folder of the package."""
    return hashlib.md5(f"{NAME}/{relative.as_posix()}".encode(), usedforsecurity=False).hexdigest()


def importer(path: Path) -> str:
    """What imports a file or folder. A kind that isn't known here is refused, not guessed."""
    if path.is_dir():
        return "folderAsset: yes\nDefaultImporter:\n" + TAIL
    if path.suffix == ".cs":
        return SCRIPT
    if path.suffix == ".asmdef":
        return "AssemblyDefinitionImporter:\n" + TAIL
    if path.name == "package.json":
        return "PackageManifestImporter:\n" + TAIL
    if path.suffix == ".md":
        return "TextScriptImporter:\n" + TAIL
    raise ValueError(f"{path.name}: which importer does Unity use for it? Add it here.")


def text(relative: Path, package: Path = PACKAGE) -> str:
    """A whole .meta file."""
    return f"fileFormatVersion: 2\nguid: {guid(relative)}\n{importer(package / relative)}"


def meta(relative: Path, package: Path = PACKAGE) -> Path:
    """Where the .meta of a file or folder is."""
    return package / f"{relative}.meta"


def main() -> None:
    """Write those that are missing, and remove those of nothing."""
    wanted = {meta(relative): relative for relative in visible()}
    for path, relative in wanted.items():
        if not path.exists():
            path.write_text(text(relative), encoding="utf-8", newline="\n")
            print(f"written {path.relative_to(PACKAGE)}")
    for path in PACKAGE.rglob("*.meta"):
        if path not in wanted:
            path.unlink()
            print(f"removed {path.relative_to(PACKAGE)}")


if __name__ == "__main__":
    main()
