"""Builds the extension: `python clients/blender/build.py [FOLDER]` writes FOLDER/posewire-0.1.0.zip (default: dist/).

The same files give the same bytes. Blender 4.2 and newer installs it as an extension, older ones as an add-on.
"""

import argparse
import re
import sys
import zipfile
from pathlib import Path

SOURCE = Path(__file__).parent / "posewire"
ROOT = Path(__file__).parent.parent.parent
LICENSE = ROOT / "LICENSE"
EPOCH = (1980, 1, 1, 0, 0, 0)


def build(folder: Path) -> Path:
    """Write the zip and give its path."""
    manifest = (SOURCE / "blender_manifest.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "([^"]+)"$', manifest, re.MULTILINE)
    if version is None:
        sys.exit("blender_manifest.toml names no version")
    files = {path.relative_to(SOURCE.parent).as_posix(): path for path in SOURCE.rglob("*.py")}
    files["posewire/blender_manifest.toml"] = SOURCE / "blender_manifest.toml"
    files["posewire/LICENSE"] = LICENSE
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"posewire-{version[1]}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name].read_bytes())
    return target


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Build the Blender extension as a .zip to install from disk.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist", help="where to put it (default: dist/)")
    print(build(parser.parse_args().folder))
