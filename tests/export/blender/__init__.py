"""What runs in Blender as a module."""

from pathlib import Path

SCRIPT = Path(__file__).with_name("joints.py")
AVATAR = Path(__file__).with_name("avatar.py")
