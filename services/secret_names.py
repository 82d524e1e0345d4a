"""Which of the secrets that the rules are about is meant by what was typed."""

from urllib.parse import urlsplit

from domain.refusals import SecretOfAnotherVault
from domain.secret_address import SecretAddress, read_address
from domain.secrets import Vault
from services.policies import Policies

_LONGEST_ECHO = 60


class SecretNames:
    """Reads names and addresses of secrets; a vault that is not ours is never taken for ours."""

    def __init__(self, policies: Policies, vault_suffix: str) -> None:
        self._policies = policies
        self._vault_suffix = vault_suffix

    def name_of(self, typed: str) -> str:
        """Return the name of a secret; raises SecretOfAnotherVault for the address of one there.

        What is no address is returned as it is, whether or not it can be a name.
        """
        address = read_address(typed)
        if address is None:
            return typed
        ours = self._vault_of(address.secret)
        if self._is_in(address, ours):
            return address.secret
        theirs = address.vault or address.host.partition(".")[0]
        raise SecretOfAnotherVault(address.secret, theirs[:_LONGEST_ECHO], ours.name)

    def _vault_of(self, secret: str) -> Vault:
        """Return the vault that a secret's rules are about, or else the deployment's own."""
        about = self._policies.of(secret) or self._policies.rotation_of(secret)
        return about.vault if about else self._policies.defaults.vault

    def _is_in(self, address: SecretAddress, vault: Vault) -> bool:
        """Say whether an address is in a vault; no two vaults of a cloud have the same name."""
        name = vault.name.lower()
        if address.vault:
            return address.vault == name
        own = urlsplit(vault.url).netloc.lower()
        return address.host.removesuffix(":443") in (own, f"{name}.{self._vault_suffix}")
