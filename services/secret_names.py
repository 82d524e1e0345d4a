"""Finds the secret that a typed name or address refers to."""

from urllib.parse import urlsplit

from domain.refusals.secrets import SecretOfAnotherVault
from domain.secret_address import SecretAddress, read_address
from domain.secrets import Vault
from services.policies import Policies

_LONGEST_ECHO = 60


class SecretNames:
    """Parses names and addresses of secrets; another vault is never taken for ours."""

    def __init__(self, policies: Policies, vault_suffix: str) -> None:
        self._policies = policies
        self._vault_suffix = vault_suffix

    def name_of(self, typed: str) -> str:
        """Return a secret's name; raises SecretOfAnotherVault for an address in another vault.

        Text that isn't an address is returned unchanged, even if it isn't a valid name.
        """
        address = read_address(typed)
        if address is None:
            return typed
        ours = self._vault_of(address.secret)
        if self._is_in(address, ours):
            return address.secret
        theirs = address.vault or address.host.partition(".")[0]
        raise SecretOfAnotherVault(address.secret, theirs[:_LONGEST_ECHO], ours.name)

    def is_requestable(self, typed: str) -> bool:
        """Return whether this is the name, or the address, of a secret in the policy.

        For a name only rules for one secret count, not patterns, which any word could match.
        """
        try:
            name = self.name_of(typed)
        except SecretOfAnotherVault:
            return False
        if name != typed:
            return self._policies.of(name) is not None
        return any(one.secret.lower() == name.lower() for one in self._policies.all())

    def has_own_rule(self, name: str) -> bool:
        """Return whether a rule is for the secret of this name alone."""
        exact = self._policies.in_force.exact_names()
        return any(one.lower() == name.lower() for one in exact)

    def _vault_of(self, secret: str) -> Vault:
        """Return the vault in a secret's rules, or else the default vault."""
        return self._policies.vault_of(secret)

    def _is_in(self, address: SecretAddress, vault: Vault) -> bool:
        """Return whether an address is in a vault; vault names are unique in a cloud."""
        name = vault.name.lower()
        if address.vault:
            return address.vault == name
        own = urlsplit(vault.url).netloc.lower()
        return address.host.removesuffix(":443") in (own, f"{name}.{self._vault_suffix}")
