import subprocess
import sys


def run(code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


NOISE = "import os; os.write(2, b'native noise\\n');"


def test_native_noise_is_silenced_and_our_lines_are_not() -> None:
    code = (
        "from streamer import log; import logging, sys; log.set_up(False);"
        + NOISE
        + "logging.getLogger('posewire.x').info('hello'); print('direct', file=sys.stderr)"
    )
    done = run(code)
    assert "native noise" not in done.stderr
    assert "INFO hello" in done.stderr
    assert "direct" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_verbose_lets_everything_through() -> None:
    done = run("from streamer import log; log.set_up(True);" + NOISE)
    assert done.stderr == "native noise\n"


def test_an_error_is_one_line_unless_verbose() -> None:
    code = (
        "from streamer import log; import logging; log.set_up({verbose})\n"
        "try: 1 / 0\n"
        "except ZeroDivisionError: logging.getLogger('posewire').exception('it broke')\n"
    )
    (line,) = run(code.format(verbose=False)).stderr.splitlines()
    assert line.endswith("ERROR it broke: ZeroDivisionError: division by zero (--verbose shows where)")
    assert "Traceback" in run(code.format(verbose=True)).stderr


def test_a_crash_in_native_code_still_leaves_its_stacks() -> None:
    done = run("from streamer import log; log.set_up(False); import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert done.returncode < 0
    assert "Segmentation fault" in done.stderr
