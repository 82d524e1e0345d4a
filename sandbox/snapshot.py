"""The sandbox's contents as JSON, for the page and tests: never a value, at most its SHA-256."""

import re
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256

from sandbox import roles
from sandbox.calls import Json
from sandbox.prepared import PREPARED, Prepared
from sandbox.seed import DirectoryGroup
from sandbox.state import State
from sandbox.stored.applications import StoredApplication
from sandbox.stored.assignments import StoredAssignment
from sandbox.stored.locks import StoredLock
from sandbox.stored.sites import StoredSite
from sandbox.stored.storage import StoredStorageAccount
from sandbox.stored.vaults import StoredSecret, StoredVault

_EXPIRY = re.compile(r"expires (?P<at>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z)")


def snapshot(state: State, now: datetime) -> Json:
    """Describe everything that exists."""
    return {
        "now": now.isoformat(),
        "tenant_id": state.seed.tenant_id,
        "knobs": asdict(state.knobs),
        "users": [asdict(user) for user in state.directory.users.values()],
        "groups": [_group(state, one) for one in state.directory.groups.values()],
        "vaults": [_vault(vault) for vault in state.vaults.values()],
        "role_assignments": [_assignment(state, one) for one in state.assignments.live.values()],
        "locks": [_lock(one) for one in state.locks],
        "readers": _readers(state, now),
        "sites": [_site(site) for site in state.sites.values()],
        "storage_accounts": [_storage_account(one) for one in state.storage_accounts.values()],
        "applications": [_application(one) for one in state.applications.values()],
        "prepared": [_prepared(state, one) for one in PREPARED],
    }


def digest(value: str) -> str:
    """Return a value's SHA-256, which lets tests compare values without seeing them."""
    return sha256(value.encode()).hexdigest()


def _prepared(state: State, prepared: Prepared) -> Json:
    return {
        "key": prepared.key,
        "title": prepared.title,
        "effect": prepared.effect,
        "on": prepared.is_on(state),
    }


def _group(state: State, group: DirectoryGroup) -> Json:
    return {
        "id": group.id,
        "name": group.display_name,
        "members": [state.directory.name_of(one) for one in group.members],
        "people": [user.display_name for user in state.directory.people_in(group.id)],
    }


def _vault(vault: StoredVault) -> Json:
    secrets = sorted(vault.secrets.values(), key=lambda one: one.name)
    return {
        "name": vault.name,
        "scope": vault.scope,
        "url": vault.url,
        "rbac": vault.rbac,
        "secrets": [_secret(one) for one in secrets],
    }


def _secret(secret: StoredSecret) -> Json:
    return {
        "name": secret.name,
        "deleted": secret.deleted_at is not None,
        "versions": [
            {
                "id": one.id,
                "current": one is secret.current,
                "enabled": one.enabled,
                "created": one.created.isoformat(),
                "updated": one.updated.isoformat(),
                "not_before": one.not_before,
                "expires": one.expires,
                "tags": one.tags,
                "content_type": one.content_type,
                "value_sha256": digest(one.value),
            }
            for one in reversed(secret.versions)
        ],
    }


def _assignment(state: State, assignment: StoredAssignment) -> Json:
    expiry = _EXPIRY.search(assignment.description or "")
    return {
        "id": assignment.id,
        "name": assignment.name,
        "scope": assignment.scope,
        "place": assignment.scope.rsplit("/", 1)[-1],
        "principal_id": assignment.principal_id,
        "principal_name": state.directory.name_of(assignment.principal_id),
        "principal_type": assignment.principal_type,
        "role_name": assignment.role.name,
        "role_guid": assignment.role.guid,
        "description": assignment.description,
        "created_on": assignment.created_on.isoformat(),
        "expires": expiry["at"] if expiry else None,
    }


def _lock(lock: StoredLock) -> Json:
    return {"name": lock.name, "scope": lock.scope, "level": str(lock.level)}


def _readers(state: State, now: datetime) -> list[Json]:
    """List the values that each person can read right now."""
    return [
        {
            "id": user.id,
            "name": user.display_name,
            "reads": [
                {"vault": vault.name, "secret": secret.name}
                for vault in state.vaults.values()
                for secret in vault.secrets.values()
                if secret.deleted_at is None
                and state.may(user.id, roles.GET_SECRET, vault.secret_scope(secret.name), now)
            ],
        }
        for user in state.directory.users.values()
    ]


def _site(site: StoredSite) -> Json:
    return {
        "name": site.name,
        "slot": site.slot,
        "restarts": site.restarts,
        "settings": [_setting(site, key) for key in site.settings],
    }


def _setting(site: StoredSite, key: str) -> Json:
    seen = digest(site.seen_by_the_app(key))
    resolution = site.resolutions.get(key)
    if resolution is None:
        return {"key": key, "kind": "literal", "seen_sha256": seen}
    return {
        "key": key,
        "kind": "reference",
        "reference": resolution.reference.text,
        "pinned": resolution.reference.version is not None,
        "secret": resolution.reference.secret,
        "status": resolution.status,
        "active_version": resolution.active_version,
        "seen_sha256": seen,
    }


def _storage_account(account: StoredStorageAccount) -> Json:
    return {
        "name": account.name,
        "keys": [
            {"name": slot, "created": key.created.isoformat(), "value_sha256": digest(key.value)}
            for slot, key in account.keys.items()
        ],
    }


def _application(application: StoredApplication) -> Json:
    """Describe an app registration, without Entra's hints: each is a part of a value."""
    return {
        "id": application.id,
        "name": application.display_name,
        "passwords": [
            {
                "key_id": one.key_id,
                "name": one.display_name,
                "created": one.start.isoformat(),
                "expires": one.end.isoformat(),
                "value_sha256": digest(one.value),
            }
            for one in application.passwords
        ],
    }
