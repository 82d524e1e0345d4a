"""Check the Bicep in `infra/` against Azure's published types: `python -m scripts.bicep.check`.

It finds properties that don't exist, are missing, or can't be written or read, and values that have
another type or that Azure doesn't take. It accepts what it can't infer: the compiler, which knows
more, runs on GitHub, since no registry of packages has it.
"""

import sys
from collections.abc import Mapping

from scripts import paths
from scripts.bicep import nodes
from scripts.bicep.azure_types import AzureTypes
from scripts.bicep.comparison import Comparison
from scripts.bicep.declarations import Declarations
from scripts.bicep.faults import BicepFault, FaultsOfFile
from scripts.bicep.reader import read
from scripts.bicep.tokens import BicepUnreadableError

INFRA = paths.ROOT / "infra"
TYPES = INFRA / "types.json"


def main() -> int:
    """Print all faults; return the exit code."""
    faults = check(sources(), AzureTypes.load(TYPES))
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"Bicep: {len(faults)} faults against Azure's types.")
    return 1 if faults else 0


def sources() -> dict[str, str]:
    """Return the text of all files, by their paths in the repository."""
    return {
        path.relative_to(paths.ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(INFRA.rglob("*.bicep*"))
    }


def check(texts: Mapping[str, str], azure: AzureTypes) -> list[BicepFault]:
    """Return the faults in files that can use each other as modules, by their paths."""
    found: list[BicepFault] = []
    files: dict[str, nodes.BicepFile] = {}
    for path, text in texts.items():
        try:
            files[path] = read(text)
        except BicepUnreadableError as error:
            found.append(BicepFault(path, error.line, str(error)))
    for path in files:
        faults = FaultsOfFile(path)
        Comparison(Declarations(path, files, azure), faults).compare()
        found += faults.found
    return sorted(found)


if __name__ == "__main__":
    sys.exit(main())
