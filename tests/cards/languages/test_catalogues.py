"""The catalogues: complete, true to the texts in the code, and compiled."""

from string import Formatter

import pytest
from polib import POEntry

from scripts import catalogues

LANGUAGES = catalogues.languages()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", catalogues.FOLDERS)
def test_a_catalogue_has_exactly_the_texts_of_the_code(language: str, name: str) -> None:
    texts = catalogues.texts_of(catalogues.FOLDERS[name])

    file = catalogues.path_of(language, name).read_text(encoding="utf-8")

    assert file == f"{catalogues.updated(catalogues.read(language, name), texts)}\n"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", catalogues.FOLDERS)
def test_every_text_is_translated(language: str, name: str) -> None:
    catalogue = catalogues.read(language, name)

    missing = [entry.msgid for entry in catalogue if not all(forms(entry))]

    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", catalogues.FOLDERS)
def test_a_translation_has_the_values_of_its_text(language: str, name: str) -> None:
    catalogue = catalogues.read(language, name)

    wrong = [
        (entry.msgid, form)
        for entry in catalogue
        for form in forms(entry)
        if form and fields(form) != fields(entry.msgid_plural or entry.msgid)
    ]

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_has_the_same_translation_everywhere(language: str) -> None:
    found: dict[object, object] = {}
    different = []
    for name in catalogues.FOLDERS:
        for entry in catalogues.read(language, name):
            key = (entry.msgctxt, entry.msgid, entry.msgid_plural)
            if found.setdefault(key, forms(entry)) != forms(entry):
                different.append(entry.msgid)

    assert different == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_made_of_the_others(language: str) -> None:
    read = [catalogues.read(language, name) for name in catalogues.FOLDERS]

    file = catalogues.compiled_path(language).read_bytes()

    assert file == catalogues.compiled(read)


def forms(entry: POEntry) -> tuple[str, ...]:
    return tuple(entry.msgstr_plural.values()) if entry.msgid_plural else (entry.msgstr,)


def fields(text: str) -> set[tuple[str, str]]:
    """Return a text's fields with their formats; a language may say them in another order."""
    return {(name, spec or "") for _, name, spec, _ in Formatter().parse(text) if name is not None}
