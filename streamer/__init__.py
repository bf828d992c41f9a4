"""Posewire's server: capture, pose estimation, smoothing and fan-out over WebSockets."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("posewire")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"
