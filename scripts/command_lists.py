"""Generate the table of commands in the docs and the menus in Teams from the command table.

Runs inside ``.venv``: ``python scripts/dev.py generate`` calls it.
"""

import json
import re
from pathlib import Path

from bot.handlers.command import Scope
from bot.handlers.command_table import COMMANDS, for_people
from scripts import paths

PAGE = paths.ROOT / "docs" / "commands.md"
MANIFEST = paths.ROOT / "appPackage" / "manifest.json"

_TABLE = re.compile(r"(<!-- commands -->\n)(.*?)(<!-- end of commands -->)", re.DOTALL)


def table() -> str:
    """Return every usage of every command as a Markdown table."""
    rows = [
        "| `" + form.replace("|", "\\|") + f"` | {purpose} |"
        for command in COMMANDS
        for form, purpose in (for_people(command, usage) for usage in command.usages)
    ]
    return "\n".join(["| Command | What it does |", "|---|---|", *rows, ""])


def menu(scope: Scope) -> list[dict[str, str]]:
    """Return the commands that Teams suggests there, in the manifest's format."""
    suggested = [
        for_people(command, command.usages[0])
        for command in COMMANDS
        if command.is_suggested_in(scope)
    ]
    return [{"title": form, "description": purpose} for form, purpose in suggested]


def write(page: Path = PAGE, manifest: Path = MANIFEST) -> None:
    """Write both; the rest of the two files stays unchanged."""
    text = page.read_text(encoding="utf-8")
    text = _TABLE.sub(lambda found: f"{found[1]}{table()}{found[3]}", text)
    page.write_text(text, encoding="utf-8")
    content = json.loads(manifest.read_text(encoding="utf-8"))
    for bot in content["bots"]:
        bot["commandLists"] = [
            {"scopes": [scope], "commands": menu(Scope(scope))} for scope in bot["scopes"]
        ]
    manifest.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
