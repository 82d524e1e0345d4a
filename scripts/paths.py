"""Where generated files go; git ignores all of them and `clean` removes them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
LOCAL = ROOT / ".local"
BUILD = ROOT / "build"
NODE_PINS = ROOT / "scripts" / "node"
