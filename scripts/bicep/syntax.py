"""Parse the Bicep in `infra/`: `python -m scripts.bicep.syntax`.

It finds what is no Bicep. `scripts/bicep/check.py` compares the types.
"""

import sys
from pathlib import Path

from pycep import BicepParser

from scripts import paths
from scripts.bicep.check import INFRA


def main() -> int:
    """Print what can't be parsed; return the exit code."""
    parser = BicepParser()
    faults = [
        f"{path.relative_to(paths.ROOT)}: {fault}"
        for path in sorted(INFRA.rglob("*.bicep"))
        if (fault := _fault(parser, path))
    ]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"Bicep: {len(faults)} files with errors.")
    return 1 if faults else 0


def _fault(parser: BicepParser, path: Path) -> str | None:
    try:
        parser.parse(text=path.read_text(encoding="utf-8"))
    except Exception as error:  # noqa: BLE001  the parser has no type of its own for them
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
