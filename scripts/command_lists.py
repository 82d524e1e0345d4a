"""Generate the table of commands in the docs, and the texts and menus of the app package.

Runs inside ``.venv``: ``python scripts/dev.py generate`` calls it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.handlers.command_table import COMMANDS, for_people
from scripts import markdown, paths
from scripts.app_languages import describe, file_of, others, texts_of

PAGE = paths.ROOT / "docs" / "commands.md"
MANIFEST = paths.ROOT / "appPackage" / "manifest.json"


def table() -> str:
    """Return every usage of every command as a Markdown table."""
    rows = [
        (f"`{form}`", purpose)
        for command in COMMANDS
        for form, purpose in (for_people(command, usage) for usage in command.usages)
    ]
    return markdown.table(("Command", "What it does"), rows)


def write(page: Path = PAGE, manifest: Path = MANIFEST) -> None:
    """Write all; the rest of the page and of the manifest stays unchanged."""
    text = page.read_text(encoding="utf-8")
    page.write_text(markdown.fill(text, "commands", table()), encoding="utf-8")
    content = json.loads(manifest.read_text(encoding="utf-8"))
    describe(content)
    _write_json(manifest, content)
    for language in others():
        _write_json(manifest.with_name(file_of(language)), texts_of(content, language))


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
