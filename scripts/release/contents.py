"""The list of the packages in a release, as CycloneDX: each with its hashes, and what needs it."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from scripts import paths, virtualenv
from scripts.faults import Fault

Json = dict[str, Any]

_PACKAGE = re.compile(r"^(?P<name>[\w.-]+)==.*(?P<rest>(?:\n .*)*)", re.MULTILINE)
_NEEDED_BY = re.compile(r"^ +# (?: +|via )(?P<name>\S.*)$", re.MULTILINE)


def write(path: Path) -> None:
    """Write the list of what `requirements.txt` locks; raise Fault if that fails."""
    command = (
        *(str(virtualenv.command("cyclonedx-py")), "requirements", "requirements.txt"),
        *("--pyproject", "pyproject.toml", "--mc-type", "application"),
        *("--output-reproducible", "--output-file", str(path)),
    )
    done = subprocess.run(command, cwd=paths.ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise Fault(f"Couldn't list what is in the release:\n{done.stderr}")
    listed = json.loads(path.read_text(encoding="utf-8"))
    lock = (paths.ROOT / "requirements.txt").read_text(encoding="utf-8")
    listed["dependencies"] = dependencies(listed, needed_by(lock))
    path.write_text(json.dumps(listed, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def needed_by(lock: str) -> dict[str, set[str]]:
    """Return for each package in a lock what needs it; the bot itself is a name with `-r`."""
    return {
        package["name"]: {found["name"] for found in _NEEDED_BY.finditer(package["rest"])}
        for package in _PACKAGE.finditer(lock)
    }


def dependencies(listed: Json, needs: dict[str, set[str]]) -> list[Json]:
    """Return who depends on whom, by the references of the list."""
    references = {component["name"]: component["bom-ref"] for component in listed["components"]}
    root = listed["metadata"]["component"]["bom-ref"]
    found: dict[str, list[str]] = {reference: [] for reference in (root, *references.values())}
    for name, owners in needs.items():
        for owner in owners:
            found[root if owner.startswith("-r ") else references[owner]].append(references[name])
    return [{"ref": ref, "dependsOn": sorted(names)} for ref, names in sorted(found.items())]
