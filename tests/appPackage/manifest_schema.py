"""The rules of Teams' manifest schema for what Latchkey's manifest has.

Source: https://developer.microsoft.com/json-schemas/teams/v1.25/MicrosoftTeams.schema.json
(github.com/microsoft/json-schemas), and Microsoft Learn, "Microsoft 365 app manifest schema". What
the manifest doesn't use is left out here, so that a new property is looked up when it is added.
"""

from typing import Any

Rule = dict[str, Any]

VERSION = "1.25"

_BOOLEAN: Rule = {"type": "boolean"}


def _text(longest: int, pattern: str = ".") -> Rule:
    return {"type": "string", "maxLength": longest, "pattern": pattern}


def _one_of(*words: str) -> Rule:
    return {"type": "string", "maxLength": 64, "enum": words}


def _list(most: int, items: Rule) -> Rule:
    return {"type": "array", "maxItems": most, "items": items}


def _object(optional: dict[str, Rule] | None = None, **required: Rule) -> Rule:
    return {
        "type": "object",
        "required": [*required],
        "properties": {**required, **(optional or {})},
    }


_GUID = _text(36, r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")
# The schema lets http through too; the store doesn't.
_ADDRESS = _text(2048, r"^https://")
_PATH = _text(2048)
_LANGUAGE = _text(64, r"^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8}){0,2}$")
_SCOPES = _list(4, _one_of("team", "personal", "groupChat", "copilot"))
_COMMANDS = _list(12, _object(title=_text(128), description=_text(4000)))

MANIFEST = _object(
    {
        "$schema": _text(2048, rf"^https://developer\.microsoft\.com/.*/teams/v{VERSION}/"),
        "localizationInfo": _object(
            {
                "additionalLanguages": _list(
                    100, _object(languageTag=_LANGUAGE, file=_text(2048, r"^[a-z-]+\.json$"))
                )
            },
            defaultLanguageTag=_LANGUAGE,
        ),
        "defaultInstallScope": _one_of("personal", "team", "groupChat", "meetings", "copilot"),
        "bots": _list(
            1,
            _object(
                {
                    "supportsFiles": _BOOLEAN,
                    "isNotificationOnly": _BOOLEAN,
                    "commandLists": _list(3, _object(scopes=_SCOPES, commands=_COMMANDS)),
                },
                botId=_GUID,
                scopes=_SCOPES,
            ),
        ),
        "validDomains": _list(16, _text(2048, r"^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$")),
    },
    manifestVersion=_one_of(VERSION),
    version=_text(256, r"^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}$"),
    id=_GUID,
    developer=_object(
        name=_text(32), websiteUrl=_ADDRESS, privacyUrl=_ADDRESS, termsOfUseUrl=_ADDRESS
    ),
    name=_object({"full": _text(100)}, short=_text(30)),
    description=_object(short=_text(80), full=_text(4000)),
    icons=_object(color=_PATH, outline=_PATH),
    accentColor=_text(7, r"^#[0-9a-fA-F]{6}$"),
)

TRANSLATED = (
    r"name\.(short|full)|description\.(short|full)"
    r"|bots\[0\]\.commandLists\[[0-2]\]\.commands\[([0-9]|1[01])\]\.(title|description)"
)
"""What a file with another language may have, of what the manifest has.

Source: MicrosoftTeams.Localization.schema.json, of the same version and from the same place. The
texts may be as long there as in the manifest.
"""
