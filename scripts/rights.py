"""Print the rights that a policy file needs: `python scripts/dev.py rights policy.toml`.

The output is for `infra/main.bicepparam`. What the file doesn't say comes from the bot's variables,
as in docs/variables.md: the vault, where it is, the secrets, the role, the rotated secret.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from composition.kinds import KINDS
from config import STAND_INS, ConfigurationError, read_configuration, read_rules
from services.needed_rights import NeededRights, needed_rights
from services.rotation.dependents import app_service
from services.rotation.issuers import storage_account

_UNSET = {
    **STAND_INS,
    "LATCHKEY_LOCAL": "1",
    "AZURE_RESOURCE_GROUP": "",
    "AZURE_TABLES_ENDPOINT": "https://unknown",
}
"""Values for variables that say nothing about rights."""

Parameters = Mapping[str, Sequence[Mapping[str, Any]]]


def main(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> int:
    """Print the parameters; return the exit code."""
    options = _parser().parse_args(arguments)
    given = {name: text for name, text in environment.items() if text.strip()}
    named = {"KEY_VAULT_NAME": options.vault, "AZURE_RESOURCE_GROUP": options.resource_group}
    given |= {name: text for name, text in named.items() if text}
    given["POLICY_FILE"] = options.policy_file
    try:
        settings = read_configuration(_UNSET | given, KINDS)
        rights = needed_rights(read_rules(settings, KINDS), KINDS)
    except ConfigurationError as error:
        print("\n".join(error.faults), file=sys.stderr)
        return 1
    found = parameters(rights, settings.subscription_id)
    print(as_json(found) if options.json else as_bicep(found, options.policy_file), end="")
    for line in by_hand(rights):
        print(line, file=sys.stderr)
    return 0


def parameters(rights: NeededRights, subscription: str) -> Parameters:
    """Return the parameters of `infra/main.bicep`; `subscription` is the bot's own."""

    def entry(resource_id: str, key: str, **more: Any) -> dict[str, Any]:
        """Name a resource; its subscription only if it isn't the bot's own."""
        _, _, where, _, group, _, _, _, name, *_ = resource_id.split("/")
        elsewhere = {} if where.lower() == subscription.lower() else {"subscription": where}
        return {key: name, "resourceGroup": group, **more, **elsewhere}

    keys = storage_account.ROLE
    return {
        "vaults": [
            entry(one.vault.resource_id, "vault", roles=list(one.roles)) for one in rights.vaults
        ],
        "rotatedSecrets": [
            entry(vault.resource_id, "vault", secret=secret) for vault, secret in rights.rotated
        ],
        "dependentApps": [
            entry(app.id, "app") for app, role in rights.dependents if role == app_service.ROLE
        ],
        "rotatedStorageAccounts": [
            entry(one.resource, "account") for one in rights.issuers if one.role == keys
        ],
    }


def as_bicep(found: Parameters, policy_file: str) -> str:
    """Return the parameters as lines of a `.bicepparam` file."""
    lines = [f"// The bot's rights, by `python scripts/dev.py rights {policy_file}`."]
    for name, entries in found.items():
        lines += [f"param {name} = {_bicep(entries)}"]
    return "\n".join(lines) + "\n"


def as_json(found: Parameters) -> str:
    """Return the parameters as a JSON parameter file."""
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"
    content = {name: {"value": entries} for name, entries in found.items()}
    file = {"$schema": schema, "contentVersion": "1.0.0.0", "parameters": content}
    return json.dumps(file, indent=2) + "\n"


def by_hand(rights: NeededRights) -> list[str]:
    """Say what no deployment can give, since it is in Entra, or isn't in `infra/`."""
    known = {app_service.ROLE, storage_account.ROLE}
    lines = [
        f"The bot has to own the application {one.application}: docs/deploy.md, step 6."
        for one in rights.issuers
        if one.application
    ]
    lines += [
        f"Give the bot {role} on {app.id}." for app, role in rights.dependents if role not in known
    ]
    lines += [
        f"Give the bot {one.role} on {one.resource}."
        for one in rights.issuers
        if one.resource and one.role not in known
    ]
    return lines


def _bicep(value: Any, indent: str = "") -> str:
    deeper = f"{indent}  "
    match value:
        case []:
            return "[]"
        case list():
            lines = [f"{deeper}{_bicep(one, deeper)}" for one in value]
            return "\n".join(["[", *lines, f"{indent}]"])
        case dict():
            lines = [f"{deeper}{name}: {_bicep(one, deeper)}" for name, one in value.items()]
            return "\n".join(["{", *lines, f"{indent}}}"])
        case _:
            escaped = str(value).replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${")
            return f"'{escaped}'"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py rights", description=__doc__)
    parser.add_argument("policy_file")
    parser.add_argument("--vault", help="the bot's own vault, in place of KEY_VAULT_NAME")
    parser.add_argument("--resource-group", help="in place of AZURE_RESOURCE_GROUP")
    parser.add_argument("--json", action="store_true", help="print a JSON parameter file")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
