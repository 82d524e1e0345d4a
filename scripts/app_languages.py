"""The app package's texts: its name, its descriptions and its menus, in each language.

Teams shows those of the language that a person has set, and the manifest's own to everybody else.
Runs inside ``.venv``, from ``scripts.command_lists``. Source: Microsoft Learn, "Localize your app",
and the localization schema that the files name.
"""

from collections.abc import Mapping
from typing import Any

from bot.handlers.command_table import COMMANDS, for_people
from bot.handlers.lines.command import Scope
from cards.languages.language import ENGLISH, LANGUAGES, Language, speaking
from cards.languages.texts import say
from domain.phrases import mark

Json = dict[str, Any]

SCHEMA = (
    "https://developer.microsoft.com/json-schemas/teams/v{version}/"
    "MicrosoftTeams.Localization.schema.json"
)
_NAME = "Latchkey"
_FULL_NAME = mark("Latchkey: governed access to Azure Key Vault")
_SHORT = mark("Request time-limited access to a secret in Azure Key Vault.")
_FULL = mark(
    "Request access to a secret, with a reason and a duration. Approvers get a card. When they "
    "approve, you can read the secret with your own sign-in until the time is up; then your access "
    "is revoked. Every step is posted to the audit channel. The secret's value never passes "
    "through Teams."
)


def describe(manifest: Json) -> None:
    """Set a manifest's English texts, and name the files with those in other languages."""
    manifest["name"] = {"short": _NAME, "full": _FULL_NAME}
    manifest["description"] = {"short": _SHORT, "full": _FULL}
    manifest["localizationInfo"] = {
        "defaultLanguageTag": ENGLISH.code,
        "additionalLanguages": [
            {"languageTag": each.code, "file": file_of(each)} for each in others()
        ],
    }
    for bot in manifest["bots"]:
        bot["commandLists"] = [
            {"scopes": [scope], "commands": menu(Scope(scope))} for scope in bot["scopes"]
        ]


def others() -> list[Language]:
    """Return the languages other than English."""
    return [each for each in LANGUAGES.values() if each is not ENGLISH]


def file_of(language: Language) -> str:
    """Return the name of the file with a language's texts."""
    return f"{language.code}.json"


def texts_of(manifest: Json, language: Language) -> Mapping[str, str]:
    """Return a language's texts, by where they are in the manifest."""
    with speaking(language):
        texts = {
            "$schema": SCHEMA.format(version=manifest["manifestVersion"]),
            "name.short": _NAME,
            "name.full": say(_FULL_NAME),
            "description.short": say(_SHORT),
            "description.full": say(_FULL),
        }
        for number, listed in enumerate(manifest["bots"][0]["commandLists"]):
            [scope] = listed["scopes"]
            for at, command in enumerate(menu(Scope(scope))):
                place = f"bots[0].commandLists[{number}].commands[{at}]"
                texts |= {f"{place}.{name}": text for name, text in command.items()}
    return texts


def menu(scope: Scope) -> list[dict[str, str]]:
    """Return the commands that Teams suggests there, in the manifest's format."""
    suggested = [
        for_people(command, command.usages[0])
        for command in COMMANDS
        if command.is_suggested_in(scope)
    ]
    return [{"title": form, "description": purpose} for form, purpose in suggested]
