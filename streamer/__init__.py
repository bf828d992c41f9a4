"""Posewire's server: capture, pose estimation, smoothing and fan-out over WebSockets."""

__version__ = "0.1.0"
