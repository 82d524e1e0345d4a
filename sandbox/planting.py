"""Create the sandbox's contents from the seed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from secrets import token_hex

from sandbox import roles, seed
from sandbox.app_service.references import refresh
from sandbox.state import Knobs, State
from sandbox.stored.applications import StoredApplication
from sandbox.stored.assignments import StoredAssignment, StoredAssignments
from sandbox.stored.directory import StoredDirectory
from sandbox.stored.locks import Level, StoredLock
from sandbox.stored.sign_ins import StoredSignIns
from sandbox.stored.sites import StoredSite
from sandbox.stored.storage import SLOTS, StoredStorageAccount
from sandbox.stored.vaults import StoredVault
from sandbox.throttle import Throttle


def plant(state: State, vault_urls: Mapping[str, str], now: datetime) -> None:
    """Recreate everything, with fresh secret values.

    `vault_urls` maps each vault's name in the seed to its address.
    """
    state.knobs = Knobs()
    state.faults.clear()
    state.log.clear()
    state.vault_log.clear()
    state.throttle = Throttle()
    state.sign_ins = StoredSignIns()
    state.directory = StoredDirectory(
        {one.id.lower(): one for one in state.seed.users},
        {one.id.lower(): one for one in state.seed.service_principals},
        groups={one.id.lower(): one for one in state.seed.groups},
    )
    state.storage_accounts = {
        one.name.lower(): _storage_account(state.seed, one, now)
        for one in state.seed.storage_accounts
    }
    state.applications = {one.id.lower(): _application(one, now) for one in state.seed.applications}
    state.vaults = {
        one.name.lower(): _vault(state, one, vault_urls[one.name], now) for one in state.seed.vaults
    }
    state.assignments = StoredAssignments()
    for number, right in enumerate(_rights(state.seed), start=1):
        state.assignments.add(_assignment(state, right, number, now))
    state.locks = [_lock(number, one) for number, one in enumerate(state.seed.locks)]
    state.sites = {
        (one.name.lower(), one.slot.lower()): _site(state, one) for one in state.seed.sites
    }
    for site in state.sites.values():
        refresh(state, site, now)


def _rights(world: seed.Seed) -> tuple[seed.Right, ...]:
    operators = (
        seed.Right(
            operator,
            roles.STORAGE_KEY_OPERATOR.guid,
            world.storage_scope(account.name),
            "renews the keys of this storage account",
        )
        for account in world.storage_accounts
        for operator in account.operators
    )
    return (*world.rights, *operators)


def _storage_account(
    world: seed.Seed, planted: seed.StorageAccountSeed, now: datetime
) -> StoredStorageAccount:
    created = now - timedelta(days=planted.age_days)
    return StoredStorageAccount.of(planted.name, world.storage_scope(planted.name), created)


def _application(planted: seed.ApplicationSeed, now: datetime) -> StoredApplication:
    application = StoredApplication(
        planted.id,
        planted.client_id,
        planted.display_name,
        planted.owners,
        planted.redirect_uris,
        planted.optional_claims,
        planted.certificates,
        planted.federated,
    )
    for name in planted.passwords:
        application.add_password(name, now, now + timedelta(days=365))
    return application


def _vault(state: State, planted: seed.VaultSeed, url: str, now: datetime) -> StoredVault:
    vault = StoredVault(planted.name, state.seed.vault_scope(planted.name), url, rbac=planted.rbac)
    for secret in planted.secrets:
        for version in secret.versions:
            is_newest = version is secret.versions[-1]
            vault.add_version(
                secret.name,
                _issued_value(state, secret) if is_newest else token_hex(24),
                now - timedelta(days=version.age_days),
                enabled=version.enabled,
                tags=secret.tags,
                content_type=secret.content_type or None,
                expires=_epoch(now, version.expires_in_days),
            )
        vault.secrets[secret.name.lower()].is_managed = secret.certificate
    return vault


def _issued_value(state: State, secret: seed.SecretSeed) -> str:
    """Return a secret's newest value, which another system may have issued."""
    try:
        if secret.key_of:
            return state.storage_accounts[secret.key_of.lower()].keys[SLOTS[0]].value
        if secret.password_of:
            return state.applications[secret.password_of.lower()].passwords[0].value
    except LookupError:
        raise seed.SeedError(f"secret {secret.name}: nothing issues its value") from None
    return token_hex(24)


def _epoch(now: datetime, days: float | None) -> int | None:
    return None if days is None else int((now + timedelta(days=days)).timestamp())


def _assignment(state: State, right: seed.Right, number: int, now: datetime) -> StoredAssignment:
    role = roles.find_role(right.role)
    principal_type = state.directory.type_of(right.principal)
    if role is None or principal_type is None:
        raise seed.SeedError(f"rights[{number - 1}]: no such role or principal")
    return StoredAssignment(
        f"50000000-0000-4000-8000-{number:012}",
        right.scope,
        right.principal,
        principal_type,
        role,
        right.description or None,
        right.condition or None,
        now - timedelta(days=30),
        state.seed.operator,
    )


def _lock(number: int, planted: seed.LockSeed) -> StoredLock:
    try:
        return StoredLock(planted.name, planted.scope, Level(planted.level))
    except ValueError as error:
        raise seed.SeedError(f"locks[{number}]: {error}") from None


def _site(state: State, planted: seed.SiteSeed) -> StoredSite:
    vault = state.vaults.get(planted.vault.lower())
    if vault is None:
        raise seed.SeedError(f"site {planted.name}: no vault {planted.vault}")
    scope = state.seed.site_scope(planted.name, planted.slot)
    site = StoredSite(planted.name, planted.slot, scope, planted.identity or None)
    site.settings = {one.key: _setting(vault, one) for one in planted.settings}
    return site


def _setting(vault: StoredVault, planted: seed.Setting) -> str:
    name = planted.copy_of or planted.reference_to
    if not name:
        return planted.value
    secret = vault.secret(name)
    if secret is None:
        raise seed.SeedError(f"setting {planted.key}: no secret {name}")
    if planted.copy_of:
        return secret.current.value
    if planted.by_name:
        version = f";SecretVersion={secret.current.id}" if planted.pinned else ""
        return f"@Microsoft.KeyVault(VaultName={vault.name};SecretName={secret.name}{version})"
    version = f"/{secret.current.id}" if planted.pinned else ""
    return f"@Microsoft.KeyVault(SecretUri={vault.url}/secrets/{secret.name}{version})"
