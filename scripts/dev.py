"""The developer commands, with or without make: `python scripts/dev.py run`."""

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  checked before newer syntax is imported
    sys.exit(
        "Latchkey needs Python 3.11 or newer; this is {}.{} ({}). "
        "To pick another: make run PYTHON=python3.11".format(*sys.version_info[:2], sys.executable)
    )

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # works from any directory, and no sibling shadows the stdlib

from scripts import verbs  # noqa: E402  after the version check

if __name__ == "__main__":
    sys.exit(verbs.main(sys.argv[1:]))
