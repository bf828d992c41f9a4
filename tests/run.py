"""Sets up all that the tests need and runs them: `python tests/run.py [PYTEST ARGUMENTS]`.

Into the Python it is run with goes the project with its test extra. On Debian as root the system packages are installed
too; elsewhere what is missing is named, the tests that need it are left out, and the rest runs. With CI set, anything
missing is a failure.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What tests run in Node
NODE_FOLDERS = (
    *("tests/e2e/browser", "tests/export/gltf", "tests/recording/mcap"),
    *("benchmarks/kalidokit", "clients/web", "streamer/web"),
)
NODE = [ROOT / name for name in NODE_FOLDERS]
NODE_MAJOR = 20  # the oldest that Playwright runs on
BLENDER_MODULE = "Blender as a module, for Python 3.11 or 3.13"
OPENSIM_MODULE = "OpenSim and Pose2Sim, for Python 3.11 to 3.13 on x86-64"
# What a test needs -> (programs, Debian packages, the pytest marker of the tests left out without it)
NEEDS = {
    "a browser": (("chromium", "node", "npm"), ("chromium", "nodejs", "npm"), "browser"),
    "FFmpeg's command": (("ffmpeg",), ("ffmpeg",), "ffmpeg"),
    "an RTSP server": ((), ("python3-gi", "gir1.2-gst-rtsp-server-1.0", "gstreamer1.0-plugins-good"), "rtsp"),
    "a witness of network calls": (("strace", "unshare", "ip"), ("strace", "util-linux", "iproute2"), "witness"),
    "nginx": (("nginx", "openssl"), ("nginx-light", "openssl"), "nginx"),
    "a NATS server": (("nats-server",), ("nats-server",), "nats"),
    "HAProxy": (("haproxy", "openssl"), ("haproxy", "openssl"), "haproxy"),
    "a C# runtime": (("mcs", "mono", "nunit-console"), ("mono-mcs", "libnunit-cil-dev", "nunit-console"), "mono"),
    "Blender's window": (("blender", "xvfb-run"), ("blender", "xvfb", "xauth", "python3-numpy"), "blender_gui"),
    BLENDER_MODULE: ((), ("libgl1", "libsm6", "libxi6", "libxkbcommon0", "libxrender1"), "blender"),
    OPENSIM_MODULE: ((), ("libgl1",), "opensim"),
}
# Blender as a module is a gigabyte, and exact about its Python: it gets an environment of its own.
BLENDER = ROOT / "tests" / "clients" / "blender" / ".venv"
BLENDER_PYTHON = BLENDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
# OpenSim and Pose2Sim are another gigabyte; of Pose2Sim only what reads files, without the engines it depends on.
OPENSIM = ROOT / "tests" / "export" / "opensim" / ".venv"
OPENSIM_PYTHON = OPENSIM / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
READERS = ("opensim==4.6", "pandas", "scipy", "rtoml", "anytree", "matplotlib", "opencv-python-headless", "tqdm", "c3d")
POSE2SIM = "pose2sim==0.10.49"
BPY = {(3, 11): "bpy==5.0.1", (3, 13): "bpy>=5.2,<5.3"}
VRM_ADD_ON = "bpy-vrm-format==4.10.2"


def tried(*command: str) -> int:
    """Run a command, shown, and give its status."""
    print("+", " ".join(command), flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def run(*command: str) -> None:
    """Run a command and end with its status where it fails."""
    status = tried(*command)
    if status:
        sys.exit(status)


def imports(python: Path, modules: str) -> bool:
    """Whether a Python is there and has the modules."""
    command = [python, "-c", f"import {modules}"]
    return python.exists() and not subprocess.run(command, capture_output=True, check=False).returncode


def has(need: str) -> bool:
    """Whether what a need stands for is there."""
    programs = NEEDS[need][0]
    if need == "an RTSP server":
        gi = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer, Gst;"
        code = gi + "Gst.init(None); assert Gst.ElementFactory.find('rtpjpegpay')"
        python = Path("/usr/bin/python3")
        return python.exists() and not subprocess.run([python, "-c", code], capture_output=True, check=False).returncode
    if need == BLENDER_MODULE:
        return imports(BLENDER_PYTHON, "bpy, io_scene_vrm")
    if need == OPENSIM_MODULE:
        return imports(OPENSIM_PYTHON, "opensim, Pose2Sim.triangulation")
    found = all(shutil.which(program) for program in programs)
    if need == "a browser" and found:
        version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
        return int(version.strip().lstrip("v").partition(".")[0]) >= NODE_MAJOR
    return found


def install_packages() -> None:
    """On Debian as root: the packages of every need that isn't met."""
    wanted = [package for need in NEEDS if not has(need) for package in NEEDS[need][1]]
    # Node may come from elsewhere; Debian's own would get in its way.
    if shutil.which("npm"):
        wanted = [package for package in wanted if package not in ("nodejs", "npm")]
    if wanted and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        run("apt-get", "-q", "update")
        run("apt-get", "-qy", "install", "--no-install-recommends", *wanted)


def install_blender() -> None:
    """Blender as a module, where there is one for this Python; what doesn't come is named with what else is missing."""
    wanted = BPY.get(sys.version_info[:2])
    if wanted and not has(BLENDER_MODULE):
        run(sys.executable, "-m", "venv", "--clear", str(BLENDER))
        tried(str(BLENDER_PYTHON), "-m", "pip", "install", "-q", wanted, VRM_ADD_ON)


def install_opensim() -> None:
    """OpenSim and Pose2Sim, where there is an OpenSim for this Python; likewise."""
    if (3, 11) <= sys.version_info[:2] <= (3, 13) and not has(OPENSIM_MODULE):
        run(sys.executable, "-m", "venv", "--clear", str(OPENSIM))
        if not tried(str(OPENSIM_PYTHON), "-m", "pip", "install", "-q", *READERS):
            tried(str(OPENSIM_PYTHON), "-m", "pip", "install", "-q", "--no-deps", POSE2SIM)


def main() -> None:
    """Install, name what is missing, check, test."""
    # A shell's background job ignores Ctrl-C, and so would all that the tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.prefix == sys.base_prefix and not os.environ.get("CI"):
        print("note: this is not a virtual environment; packages go into the Python you run this with")
    run(sys.executable, "-m", "pip", "install", "-q", "-e", f"{ROOT}[test]")
    install_packages()
    install_blender()
    install_opensim()
    if has("a browser"):
        for folder in NODE:
            run("npm", "ci", "--no-audit", "--no-fund", "--prefix", str(folder))
    missing = [need for need in NEEDS if not has(need)]
    for need in missing:
        print(f"left out: the tests that need {need} (on Debian: {', '.join(NEEDS[need][1])})", flush=True)
    if missing and os.environ.get("CI"):
        sys.exit("in CI nothing may be left out")
    arguments = ["-m", " and ".join(f"not {NEEDS[need][2]}" for need in missing)] if missing else []
    run(sys.executable, "-m", "ruff", "check", ".")
    run(sys.executable, "-m", "ruff", "format", "--check", ".")
    run(sys.executable, "-m", "mypy")
    run(sys.executable, "-m", "pytest", *arguments, *sys.argv[1:])


if __name__ == "__main__":
    main()
