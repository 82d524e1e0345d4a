"""Checks that each rotated secret can be rotated, and when its next run is."""

from collections.abc import Iterator

from domain.diagnosis import Finding, broken, good
from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import Dependent
from services.operations.checks.check import Check
from services.policies import Policies
from services.ports import Rights, missing, missing_data
from services.rotation.ports import AppSettings, SecretVersions
from services.rotation.schedules import Schedules
from services.rotation.setting_names import nearest, spelling_of

_OFFICER = (
    "Microsoft.KeyVault/vaults/secrets/getSecret/action",
    "Microsoft.KeyVault/vaults/secrets/setSecret/action",
    "Microsoft.KeyVault/vaults/secrets/update/action",
)
_CONTRIBUTOR = ("Microsoft.Web/sites/config/write", "Microsoft.Web/sites/config/list/action")


class RotationChecks:
    """Creates the checks of each rotated secret: permissions, dependents and schedule."""

    def __init__(
        self,
        rights: Rights,
        versions: SecretVersions,
        apps: AppSettings,
        schedules: Schedules,
    ) -> None:
        self._rights = rights
        self._versions = versions
        self._apps = apps
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
        subject = f"Setting {dependent}"
        remedy = f"Give the bot Website Contributor on {dependent.app}."

        async def look() -> Finding:
            settings = await self._apps.read(dependent.app)
            if lacking := missing(await self._rights.held(dependent.app.id), _CONTRIBUTOR):
                return broken(subject, f"the bot lacks {', '.join(lacking)}", remedy)
            if spelling_of(dependent.setting, settings) is None:
                seen = "the app's settings are readable, but this one isn't among them"
                if dependent.create:
                    return good(subject, f"{seen}; a rotation adds it")
                near = nearest(dependent.setting, settings)
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
