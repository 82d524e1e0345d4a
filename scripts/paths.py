"""Where the checkout keeps what it makes; all of it is ignored by git and removed by `clean`."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
LOCAL = ROOT / ".local"
LOGS = LOCAL / "logs"
NODE_PINS = ROOT / "scripts" / "node"
