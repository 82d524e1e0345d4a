"""Collect the texts of the code into the catalogues, and compile those.

Runs inside ``.venv``: ``python scripts/dev.py generate`` calls it. A catalogue for each folder of
code keeps each small; the bot reads all of a language's as one compiled file. The translations
themselves are written by people, into the ``.po`` files.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from polib import POEntry, POFile, pofile

from cards.languages.language import CATALOGUES, DOMAIN
from scripts import paths

FOLDERS = {
    "kit": ["cards/kit", "cards/languages"],
    "access": ["cards/access"],
    "audit": ["cards/audit"],
    "operations": ["cards/operations"],
    "reasons": ["cards/reasons"],
    "rotation": ["cards/rotation"],
    "bot": ["bot", "dialogs"],
    "services": ["domain", "services"],
    "app": ["scripts"],
}
"""The catalogues, and where the texts of each are."""

_PLURAL = {"say_count", "sentence_count", "counted"}
_SINGLE = {"say", "sentence", "mark", "phrase"}
_IN_CONTEXT = {"say_as"}
FUNCTIONS = _PLURAL | _SINGLE | _IN_CONTEXT
"""The functions whose literal arguments are texts."""

_METADATA = {
    "Content-Type": "text/plain; charset=utf-8",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}
_WIDTH = 99


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """One text of the code; with ``many`` if it depends on a count."""

    one: str
    many: str = ""
    context: str = ""
    place: str = field(default="", compare=False)


def texts_in(source: str, place: str = "") -> Iterator[Text]:
    """Find the texts of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name, said = called(node), literals(node)
            if name in _SINGLE and said:
                yield Text(said[0], place=place)
            elif name in _PLURAL and len(said) > 1:
                yield Text(said[0], said[1], place=place)
            elif name in _IN_CONTEXT and len(said) > 1:
                yield Text(said[1], context=said[0], place=place)


def called(call: ast.Call) -> str:
    """Return the name of the function that is called, without its module."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def literals(call: ast.Call) -> list[str]:
    """Return a call's first arguments as long as they are literal texts."""
    found: list[str] = []
    for argument in call.args:
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            break
        found.append(argument.value)
    return found


def texts_of(folders: Iterable[str], root: Path = paths.ROOT) -> Iterator[Text]:
    """Find the texts of all modules in some folders."""
    for folder in folders:
        for module in sorted((root / folder).rglob("*.py")):
            place = module.relative_to(root).as_posix()
            yield from texts_in(module.read_text(encoding="utf-8"), place)


def read(language: str, name: str) -> POFile:
    """Read a catalogue; an empty one if there is none yet."""
    path = path_of(language, name)
    return pofile(str(path)) if path.exists() else POFile()


def path_of(language: str, name: str) -> Path:
    """Return where a catalogue is."""
    return CATALOGUES / language / "LC_MESSAGES" / f"{name}.po"


def updated(old: Iterable[POEntry], texts: Iterable[Text]) -> POFile:
    """Return a catalogue of exactly these texts, sorted, with the translations there are."""
    known = {_text_of(entry): entry for entry in old}
    places: dict[Text, set[str]] = {}
    for text in texts:
        places.setdefault(text, set()).add(text.place)
    new = _empty()
    for text, found in sorted(places.items()):
        before = known.get(text)
        entry = POEntry(
            msgctxt=text.context or None,
            msgid=text.one,
            msgid_plural=text.many,
            occurrences=[(place, "") for place in sorted(found)],
        )
        if text.many:
            entry.msgstr_plural = before.msgstr_plural if before else {0: "", 1: ""}
        else:
            entry.msgstr = before.msgstr if before else ""
        new.append(entry)
    return new


def compiled(catalogues: Iterable[Iterable[POEntry]]) -> bytes:
    """Return all translations of a language as one compiled file."""
    whole = _empty()
    entries = {_text_of(entry): entry for catalogue in catalogues for entry in catalogue}
    for _, entry in sorted(entries.items()):
        if entry.translated():
            whole.append(entry)
    return bytes(whole.to_binary())


def _text_of(entry: POEntry) -> Text:
    return Text(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")


def _empty() -> POFile:
    catalogue = POFile(wrapwidth=_WIDTH)
    catalogue.header = "Texts of Latchkey: `make generate` adds and removes texts."
    catalogue.metadata = dict(_METADATA)
    return catalogue


def languages() -> list[str]:
    """Return the languages that have catalogues."""
    return sorted(folder.name for folder in CATALOGUES.iterdir() if folder.is_dir())


def write() -> None:
    """Write all catalogues of all languages, and compile them."""
    for language in languages():
        read_ones = {name: read(language, name) for name in FOLDERS}
        # A text that stands in another folder too has the same translation here.
        known = [entry for one in read_ones.values() for entry in one if entry.translated()]
        catalogues = {
            name: updated([*read_ones[name], *known], texts_of(folders))
            for name, folders in FOLDERS.items()
        }
        for name, catalogue in catalogues.items():
            path_of(language, name).write_text(f"{catalogue}\n", encoding="utf-8")
        compiled_path(language).write_bytes(compiled(catalogues.values()))


def compiled_path(language: str) -> Path:
    """Return where a language's compiled catalogue is."""
    return path_of(language, DOMAIN).with_suffix(".mo")


if __name__ == "__main__":
    write()
