"""Checks that each rotated secret can be rotated, and when its next run is."""

from collections.abc import Iterator

from domain.diagnosis import Finding, broken, good
from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import Dependent
from services.operations.checks.check import Check
from services.policies import Policies
from services.ports import Rights, missing, missing_data
from services.rotation.dependents.kind import Kinds, kind_of
from services.rotation.dependents.names import nearest, spelling_of
from services.rotation.schedules import Schedules
from services.rotation.secret_versions import SecretVersions

_OFFICER = (
    "Microsoft.KeyVault/vaults/secrets/getSecret/action",
    "Microsoft.KeyVault/vaults/secrets/setSecret/action",
    "Microsoft.KeyVault/vaults/secrets/update/action",
)


class RotationChecks:
    """Creates the checks of each rotated secret: permissions, dependents and schedule."""

    def __init__(
        self,
        rights: Rights,
        versions: SecretVersions,
        kinds: Kinds,
        schedules: Schedules,
    ) -> None:
        self._rights = rights
        self._versions = versions
        self._kinds = kinds
        self._schedules = schedules

    def checks(self, policies: Policies) -> Iterator[Check]:
        for policy in policies.rotated():
            yield self._secret(policy)
            for dependent in policy.dependents:
                yield self._dependent(dependent)
            yield self._schedule(policy)

    def _secret(self, policy: RotationPolicy) -> Check:
        subject = f"Rotating {policy.secret}"
        remedy = (
            f"Give the bot Key Vault Secrets Officer on {policy.secret} in {policy.vault.name}."
        )

        async def look() -> Finding:
            versions = await self._versions.list(policy.vault.url, policy.secret)
            if not any(one.enabled for one in versions):
                seen = "the secret has no enabled version"
                return broken(subject, seen, "Create the secret, or enable it.")
            held = await self._rights.held(policy.vault.secret_scope(policy.secret))
            if lacking := missing_data(held, _OFFICER):
                return broken(subject, f"the bot lacks {', '.join(lacking)}", remedy)
            return good(subject, f"the bot can write it; versions: {len(versions):,}")

        return Check(subject, look, remedy)

    def _dependent(self, dependent: Dependent) -> Check:
        dependents = kind_of(self._kinds, dependent)
        kind = dependents.kind
        subject = f"{kind.noun.capitalize()} {dependent.app} {dependent.setting}"
        remedy = f"Give the bot {kind.role} on {dependent.app}."

        async def look() -> Finding:
            entries = await dependents.read(dependent.app)
            if lacking := missing(await self._rights.held(dependent.app.id), kind.actions):
                return broken(subject, f"the bot lacks {', '.join(lacking)}", remedy)
            if spelling_of(dependent.setting, entries) is None:
                seen = f"the app's {kind.noun}s are readable, but this one isn't among them"
                if dependent.create:
                    return good(subject, f"{seen}; a rotation adds it")
                near = nearest(dependent.setting, entries)
                meant = f"Correct its name in the policy: did you mean {near}? " if near else ""
                remedy_of_name = (
                    f"{meant}To have a rotation add it, set create = true for this dependent."
                )
                return broken(subject, seen, remedy_of_name)
            return good(subject, "exists, readable and writable")

        return Check(subject, look, remedy)

    def _schedule(self, policy: RotationPolicy) -> Check:
        subject = f"Schedule of {policy.secret}"

        async def look() -> Finding:
            if policy.schedule is None:
                return good(subject, "none: rotated on command and before it expires")
            due = await self._schedules.next_run(policy)
            if due is None:
                return broken(
                    subject, "no next run is stored", "Restart the bot, then check the log."
                )
            return good(subject, f"next run {due:%Y-%m-%d %H:%M} UTC")

        return Check(subject, look, "Make sure that the bot can reach its tables.")
