"""Secrets as the bot may know them: by name and metadata, never by value."""

import re
from dataclasses import dataclass

# Key Vault's own rule for a secret's name.
_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}", re.ASCII)


def is_secret_name(text: str) -> bool:
    """Say whether Key Vault could hold a secret of this name."""
    return _NAME.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Vault:
    """A key vault: its name, its data-plane address and its ARM resource id."""

    name: str
    url: str
    resource_id: str

    def secret_scope(self, secret: str) -> str:
        return f"{self.resource_id}/secrets/{secret}"
