"""Zip the Teams app package: `make package`, or `python scripts/dev.py package --app-id GUID`."""

import argparse
import json
import os
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from scripts.release import zips

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "appPackage"
ICONS = ("color.png", "outline.png")
PACKAGE = SOURCE / "build" / "latchkey.zip"

LONGEST_DEVELOPER = 32
NOWHERE = "https://example.com"
NOBODY = str(UUID(int=0))

_PLACEHOLDER = re.compile(r"\$\{\{(\w+)\}\}")


def main(arguments: Sequence[str]) -> int:
    """Write the package that the command line describes; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.out == PACKAGE:
            PACKAGE.parent.mkdir(exist_ok=True)
        write(options.out, _values(options))
    except OSError as fault:
        print(f"Can't write {options.out}: {fault.strerror}", file=sys.stderr)
        return 1
    if options.app_id == NOBODY:
        print(f"{options.out} is written, but it belongs to no bot yet.")
        print("Pass --app-id, or set MicrosoftAppId, to the bot's app ID.", file=sys.stderr)
    else:
        print(f"{options.out} is ready to upload to Teams.")
    if options.website == NOWHERE:
        print(
            f"Its website is set to {NOWHERE}: pass --website, and --privacy and --terms if "
            "those are different pages.",
            file=sys.stderr,
        )
    return 0


def write(path: Path, values: Mapping[str, str]) -> None:
    """Write the package; the same values give the same bytes, on every system."""
    manifest = fill((SOURCE / "manifest.json").read_text(encoding="utf-8"), values)
    # Teams requires the files at the root.
    files = {"manifest.json": manifest.encode()}
    others = json.loads(manifest)["localizationInfo"]["additionalLanguages"]
    for name in (*ICONS, *(each["file"] for each in others)):
        files[name] = (SOURCE / name).read_bytes()
    zips.write(path, files)


def fill(template: str, values: Mapping[str, str]) -> str:
    """Fill in ``${{NAME}}`` placeholders in JSON; raise KeyError if one has no value."""
    return _PLACEHOLDER.sub(lambda place: json.dumps(values[place[1]])[1:-1], template)


def version() -> str:
    """Return the project's version, which is also the app's."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def _values(options: argparse.Namespace) -> dict[str, str]:
    return {
        "MICROSOFT_APP_ID": options.app_id,
        "TEAMS_APP_ID": options.app_id,
        "VERSION": version(),
        "DEVELOPER_NAME": options.developer,
        "WEBSITE_URL": options.website,
        "PRIVACY_URL": options.privacy or options.website,
        "TERMS_URL": options.terms or options.website,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Zip the Teams app package.")
    parser.add_argument(
        "--app-id",
        type=_guid,
        default=os.environ.get("MicrosoftAppId") or NOBODY,  # noqa: SIM112  the bot's variable
        help="the bot's app ID (the variable MicrosoftAppId)",
    )
    parser.add_argument(
        "--out", type=Path, default=PACKAGE, help="the package to write (%(default)s)"
    )
    parser.add_argument(
        "--developer", type=_name, default="Latchkey", help="the publisher's name (%(default)s)"
    )
    parser.add_argument(
        "--website", type=_url, default=NOWHERE, help="where people get help (%(default)s)"
    )
    parser.add_argument("--privacy", type=_url, help="the privacy statement (the website)")
    parser.add_argument("--terms", type=_url, help="the terms of use (the website)")
    return parser


def _guid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise argparse.ArgumentTypeError("must be a GUID") from None


def _name(text: str) -> str:
    if not 0 < len(text) <= LONGEST_DEVELOPER:
        raise argparse.ArgumentTypeError(f"must have 1 to {LONGEST_DEVELOPER} characters")
    return text


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname:
        raise argparse.ArgumentTypeError("must be an address like https://example.com")
    return text
