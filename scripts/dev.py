"""The developer's verbs, for machines with make and without: `python scripts/dev.py run`."""

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  said here, before a newer syntax is imported
    sys.exit(
        "Latchkey needs Python 3.11 or newer, and this is {}.{} ({}). "
        "Name a newer one: make run PYTHON=python3.11".format(*sys.version_info[:2], sys.executable)
    )

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # so that it works from any directory, and no sibling hides the stdlib

from scripts import verbs  # noqa: E402  after the version check

if __name__ == "__main__":
    sys.exit(verbs.main(sys.argv[1:]))
