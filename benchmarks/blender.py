"""The Blender receiver: what a frame costs, how late it is shown, how exactly bones point.

    python -m benchmarks.blender [--seconds 20]

Runs Blender as a module (see tests/run.py) on a real server that plays the demo clip; prints Markdown. Milliseconds are
of setting bones alone and with Blender's own evaluation after it; latency is from capture to the bones being set, with
the pump called 60 times a second as Blender's timer does.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.clients.test_blender import HERE, PYTHON, build


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="of each latency measurement")
    seconds = parser.parse_args().seconds
    if not PYTHON.exists():
        sys.exit(f"no {PYTHON}: python tests/run.py makes it")
    with tempfile.TemporaryDirectory() as folder:
        extension = build(Path(folder))
        environment = {**os.environ, "BLENDER_USER_RESOURCES": str(Path(folder) / "user")}
        command = [PYTHON, HERE / "measure.py", str(seconds), sys.executable, str(extension)]
        status = subprocess.run(command, env=environment, check=False, stderr=subprocess.DEVNULL).returncode
    sys.exit(status)


if __name__ == "__main__":
    main()
