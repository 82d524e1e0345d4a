"""Checks that each rotated secret can be rotated, and when its next run is."""

from collections.abc import Iterator, Sequence

from domain.diagnosis import Finding, broken, good
from domain.phrases import Phrase, phrase
from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import Dependent
from services.operations.checks.check import REACH_TABLES, Check
from services.policies import Policies
from services.ports import Rights, missing, missing_data
from services.rotation.dependents.kind import Kinds, kind_of
from services.rotation.dependents.names import nearest, spelling_of
from services.rotation.scheduling.schedules import Schedules
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
        subject = phrase("Rotating {secret}", secret=policy.secret)
        remedy = phrase(
            "Give the bot {role} on {secret} in {vault}.",
            role="Key Vault Secrets Officer",
            secret=policy.secret,
            vault=policy.vault.name,
        )

        async def look() -> Finding:
            versions = await self._versions.list(policy.vault.url, policy.secret)
            if not any(one.enabled for one in versions):
                seen = phrase("the secret has no enabled version")
                return broken(subject, seen, phrase("Create the secret, or enable it."))
            held = await self._rights.held(policy.vault.secret_scope(policy.secret))
            if lacking := missing_data(held, _OFFICER):
                return broken(subject, _lacks(lacking), remedy)
            seen = phrase("the bot can write it; versions: {count}", count=len(versions))
            return good(subject, seen)

        return Check(subject, look, remedy)

    def _dependent(self, dependent: Dependent) -> Check:
        dependents = kind_of(self._kinds, dependent)
        kind = dependents.kind
        app = str(dependent.app)
        subject = phrase(kind.subject, app=app, name=dependent.setting)
        remedy = phrase("Give the bot {role} on {app}.", role=kind.role, app=app)

        async def look() -> Finding:
            entries = await dependents.read(dependent.app)
            if lacking := missing(await self._rights.held(dependent.app.id), kind.actions):
                return broken(subject, _lacks(lacking), remedy)
            if spelling_of(dependent.setting, entries) is None:
                seen = phrase(kind.absent)
                if dependent.create:
                    return good(subject, phrase("{seen}; a rotation adds it", seen=seen))
                return broken(subject, seen, _corrected(nearest(dependent.setting, entries)))
            return good(subject, phrase("exists, readable and writable"))

        return Check(subject, look, remedy)

    def _schedule(self, policy: RotationPolicy) -> Check:
        subject = phrase("Schedule of {secret}", secret=policy.secret)

        async def look() -> Finding:
            if policy.schedule is None:
                seen = phrase("none: rotated on command and before it expires")
                return good(subject, seen)
            due = await self._schedules.next_run(policy)
            if due is None:
                remedy = phrase("Restart the bot, then check the log.")
                return broken(subject, phrase("no next run is stored"), remedy)
            return good(subject, phrase("next run on {at}", at=due))

        return Check(subject, look, REACH_TABLES)


def _lacks(permissions: Sequence[str]) -> Phrase:
    return phrase("the bot lacks {permissions}", permissions=", ".join(permissions))


def _corrected(near: str | None) -> Phrase:
    if near is None:
        return phrase(
            "To have a rotation add it, set {line} for this dependent.", line="create = true"
        )
    return phrase(
        "Correct its name in the policy: did you mean {near}? To have a rotation add it, set "
        "{line} for this dependent.",
        near=near,
        line="create = true",
    )
