"""Make what a release publishes: `make release ARGS="--tag v1.2.3"`.

The same commit gives the same files, byte by byte, on every machine.
"""

import argparse
import hashlib
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from scripts import paths
from scripts.faults import Fault
from scripts.release import app_package, bundles, contents, zips

FOLDER = paths.BUILD / "release"
NOTES = "NOTES.md"
SUMS = "SHA256SUMS"

_HEADING = re.compile(r"^## (?P<version>\S+)(?: - \d{4}-\d\d-\d\d)?$", re.MULTILINE)


def main(arguments: Sequence[str]) -> int:
    """Write the files of a release and print where they are; return the exit code."""
    parser = argparse.ArgumentParser(prog="dev.py release")
    parser.add_argument("--tag", help="the tag, which must be v and the project's version")
    version = app_package.version()
    tag = parser.parse_args(arguments).tag
    if tag and tag != f"v{version}":
        raise Fault(f"The tag is {tag}, but the version in pyproject.toml is {version}.")
    changelog = (paths.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    said = notes(changelog, version if tag else "Unreleased")
    write(FOLDER, version)
    (FOLDER / NOTES).write_text(said, encoding="utf-8")
    print(f"{FOLDER.relative_to(paths.ROOT)} has the files of version {version}.")
    return 0


def notes(changelog: str, version: str) -> str:
    """Return what the changelog says about a version; raise Fault if it says nothing."""
    parts = list(_HEADING.finditer(changelog))
    ends = [*(part.start() for part in parts[1:]), len(changelog)]
    for part, end in zip(parts, ends, strict=True):
        said = changelog[part.end() : end].strip()
        if part["version"] == version and said:
            return f"{said}\n"
    raise Fault(f"CHANGELOG.md says nothing under {version!r}.")


def write(folder: Path, version: str) -> None:
    """Write the code, the list of what is in it, and their hashes into the folder, anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    zips.write(folder / f"latchkey-{version}.zip", bundles.files())
    contents.write(folder / f"latchkey-{version}.cdx.json")
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
    ]
    (folder / SUMS).write_text("".join(lines), encoding="ascii")
