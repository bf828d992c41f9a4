"""What runs with OpenSim and Pose2Sim, which have a Python environment of their own (see tests/run.py)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PYTHON = HERE / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def read(kind: str, *arguments: str | Path) -> Any:
    """What `read.py` found."""
    result = subprocess.run(
        [PYTHON, HERE / "read.py", kind, *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr[-4000:]
    return json.loads(result.stdout)
