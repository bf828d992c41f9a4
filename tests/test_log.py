import json
import re
import subprocess
import sys

import pytest

from streamer.log import printable
from streamer.log_limit import MAX_LINES


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


FORGED = "bob\n12:00:00 INFO all is well\r\x1b[2J\x1b]0;title\x07\u202e\u2028\x85end"
SAY = (
    "from streamer import log; import logging; log.set_up({verbose}, {format!r})\n"
    "logger = logging.getLogger('posewire.x')\n"
)


def lines_of(code: str, verbose: bool = False, format: str = "text") -> list[str]:
    return run(SAY.format(verbose=verbose, format=format) + code).stderr.splitlines()


@pytest.mark.parametrize("format", ["text", "json"])
@pytest.mark.parametrize("how", ["logger.info('client %s dropped', {0!r})", "logger.info({0!r})"])
def test_a_client_s_name_forges_no_line(format: str, how: str) -> None:
    [line] = lines_of(how.format(FORGED), format=format)
    message = json.loads(line)["message"] if format == "json" else line
    assert message.isprintable()
    assert "bob\\n12:00:00 INFO all is well\\r\\x1b[2J" in message
    assert "\\x85end" in message


def test_an_error_s_text_forges_no_line_either() -> None:
    code = f"try: raise ValueError({FORGED!r})\nexcept ValueError: logger.exception('it broke')"
    [line] = lines_of(code)
    assert "ValueError: bob\\n12:00:00" in line
    first, *traceback = lines_of(code, verbose=True)
    assert first.endswith("it broke")
    assert all(line.startswith("    ") and line.isprintable() for line in traceback)
    assert "12:00:00 INFO all is well" in "".join(traceback)
    [line] = lines_of(code, verbose=True, format="json")
    assert all(part.isprintable() for part in json.loads(line)["exc"].split("\n"))


def test_other_writing_is_left_as_it_is() -> None:
    assert printable("摄像头 1\u3000ü 🙂 a b\xa0c") == "摄像头 1\u3000ü 🙂 a b\xa0c"
    assert printable("\ud800\t\x7f") == "\\ud800\\t\\x7f"


def test_a_json_line_has_time_level_logger_message_and_fields() -> None:
    code = (
        "logger.warning('100%% of stream %s: %d of client %s', 'cam', 3, '10.0.0.7:80')\n"
        "logger.info('plain')\nlogger.debug('hidden')\n"
        "try: 1 / 0\n"
        "except ZeroDivisionError: logger.exception('it broke')\n"
    )
    told = [json.loads(line) for line in lines_of(code, format="json")]
    for one in told:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one.pop("ts"))
        assert one.pop("logger") == "posewire.x"
    assert told == [
        {
            "level": "WARNING",
            "message": "100% of stream cam: 3 of client 10.0.0.7:80",
            "stream": "cam",
            "client": "10.0.0.7:80",
        },
        {"level": "INFO", "message": "plain"},
        {"level": "ERROR", "message": "it broke: ZeroDivisionError: division by zero (--verbose shows where)"},
    ]
    verbose = [json.loads(line) for line in lines_of(code, verbose=True, format="json")]
    assert [one["message"] for one in verbose[2:]] == ["hidden", "it broke"]
    assert verbose[3]["exc"].startswith("Traceback")
    assert verbose[3]["exc"].endswith("division by zero")


@pytest.mark.parametrize("format", ["text", "json"])
def test_a_flood_is_a_few_lines_and_how_many_more(format: str) -> None:
    code = (
        "import streamer.log_limit as l; l.WINDOW_S = 0.5; import time\n"
        "for n in range(1000): logger.info('client %s dropped', n)\n"
        "logger.info('another'); time.sleep(1.5); print('later', file=__import__('sys').stderr)\n"
        "for n in range(12): logger.info('client %s dropped', n)\n"
    )
    lines = lines_of(code, format=format)
    later = lines.index("later")
    assert later == MAX_LINES + 2  # those, the other message, and after a while with nothing else logged the count
    assert "990 more like 'client %s dropped'" in lines[later - 1]
    assert len(lines) - later - 1 == MAX_LINES + 1  # the last count is told at the end
    assert "2 more like" in lines[-1]
    if format == "json":
        assert json.loads(lines[-1])["left_out"] == 2


def test_what_other_libraries_and_threads_say_is_a_line_of_the_same_kind() -> None:
    code = (
        "import warnings, threading; warnings.warn('old')\n"
        "logging.getLogger('asyncio').error('never retrieved\\nfuture: x')\n"
        "thread = threading.Thread(target=lambda: 1 / 0, name='engine_0'); thread.start(); thread.join()\n"
    )
    told = [json.loads(line) for line in lines_of(code, format="json")]
    assert [one["logger"] for one in told] == ["py.warnings", "asyncio", "posewire"]
    assert told[2]["message"].startswith("thread engine_0 ended by an error: ZeroDivisionError")
