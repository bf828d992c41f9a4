"""`posewire doctor` on this machine, as it is and with a port that is taken."""

import json
import socket
from pathlib import Path

from tests.harness import run_posewire


def test_a_machine_that_runs_these_tests_is_well(tmp_path: Path) -> None:
    env = {"XDG_CONFIG_HOME": str(tmp_path)}
    done = run_posewire("doctor", "--source", "demo", "--port", "0", cwd=tmp_path, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("posewire ")
    assert "  ✓ 4 networks, 40 MB, as released" in lines or "  + 4 networks, 40 MB, as released" in lines
    assert lines[-1].startswith("Nothing is wrong")
    assert max(map(len, lines)) <= 100
    assert not any(tmp_path.iterdir())  # it looks, and makes nothing


def test_a_problem_is_status_1_and_a_mistake_status_2(tmp_path: Path) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = sock.getsockname()[1]
        done = run_posewire("doctor", "--json", "--source", "demo", "--port", str(port), cwd=tmp_path)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["status"] == "problem"
    wrong = [
        finding["text"]
        for section in told["sections"]
        for finding in section["findings"]
        if finding["level"] == "problem"
    ]
    assert len(wrong) == 1
    assert f"port {port} is taken by" in wrong[0]
    done = run_posewire("doctor", "--tls-cert", "cert.pem", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "posewire: --tls-cert and --tls-key go together\n")
