import subprocess
import sys


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_signal_after_the_last_network_has_gone() -> None:
    """In another thread than the one that made it."""
    code = """if True:
        import gc, signal, threading
        from streamer.engine.blazepose.networks import DetectorRequest, Tuning
        requests = [DetectorRequest(Tuning(1))]
        thread = threading.Thread(target=lambda: (requests.clear(), gc.collect()))
        thread.start()
        thread.join()
        signal.signal(signal.SIGTERM, lambda *_: print("handled"))
        signal.raise_signal(signal.SIGTERM)
    """
    assert run(code) == "handled\n"


def test_nothing_that_reports_is_loaded() -> None:
    modules = "[name for name in sys.modules if name.startswith('openvino_telemetry.')]"
    code = f"import sys, streamer.engine.blazepose.runtime; print({modules})"
    assert run(code) == "[]\n"
