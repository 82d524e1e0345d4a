"""What runs in Azure: the bot's code and the lock of its packages, and nothing else.

`make bundle` puts it into a folder, which `azd` uploads; `make release` zips it.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

from scripts import paths

PARTS = (
    *("app.py", "requirements.txt"),
    *("bot", "cards", "composition", "config", "dialogs", "domain", "services"),
)

POLICY = "policy.toml"
"""The policy file of whoever deploys, if they have one; git knows nothing of it."""

FOLDER = paths.BUILD / "app"


def files() -> dict[str, bytes]:
    """Return everything by its path in the bundle."""
    return {path.relative_to(paths.ROOT).as_posix(): path.read_bytes() for path in _paths()}


def write() -> Path:
    """Write the folder anew, with the policy file if there is one; return where it is."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    policy = paths.ROOT / POLICY
    for name, content in {**files(), **_content(policy)}.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return FOLDER


def _paths() -> Iterator[Path]:
    for name in PARTS:
        part = paths.ROOT / name
        found = [part] if part.is_file() else sorted(part.rglob("*"))
        yield from (path for path in found if path.is_file() and not _is_made(path))


def _is_made(path: Path) -> bool:
    return "__pycache__" in path.parts


def _content(path: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes()} if path.exists() else {}
