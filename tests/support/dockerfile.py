"""A reader for the Dockerfile: its stages, and what each says."""

import json
import re
import shlex
from dataclasses import dataclass

from scripts import paths

TEXT = (paths.ROOT / "Dockerfile").read_text(encoding="utf-8")

_INSTRUCTION = re.compile(r"^(?P<name>[A-Z]+) (?P<rest>(?:.*\\\n)*.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Instruction:
    """An instruction, with the lines of its text joined."""

    name: str
    text: str


def stages() -> list[list[Instruction]]:
    """Return the instructions of each stage; the first of each is its FROM."""
    found: list[list[Instruction]] = []
    for match in _INSTRUCTION.finditer(TEXT):
        if match["name"] == "FROM":
            found.append([])
        text = re.sub(r"\s*\\\n\s*", " ", match["rest"])
        found[-1].append(Instruction(match["name"], text))
    return found


def said(name: str, stage: int = -1) -> list[str]:
    """Return the texts of all instructions of a kind in a stage, by default the last."""
    return [each.text for each in stages()[stage] if each.name == name]


def variables() -> dict[str, str]:
    """Return what the image sets, except for the path of programs."""
    pairs = (pair.split("=", 1) for text in said("ENV") for pair in shlex.split(text))
    return {name: value for name, value in pairs if name != "PATH"}


def health_check() -> list[str]:
    """Return the program that checks whether it is alive."""
    [text] = said("HEALTHCHECK")
    command: list[str] = json.loads(text.partition(" CMD ")[2])
    return command
