"""Dependents that the rules have gained since a rotation captured the others.

They got no new value. One that holds the old one would break when that is retired.
"""

from collections.abc import Callable

from domain.reasons import Reason
from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import Captured, Dependent, Rotation, Shape
from domain.secrets import SecretValue
from services.faults import Fault, Rejected
from services.rotation.dependents.kind import AppGone, Entries, Kinds, held_by
from services.rotation.dependents.reads import read_each
from services.rotation.dependents.references import read_reference
from services.rotation.dependents.refresh import refresh_if_stale
from services.rotation.insistence import raise_unless_insisted_on
from services.rotation.issue import required
from services.rotation.secret_versions import SecretVersions
from services.rotation.step import Drift

PolicyOf = Callable[[str], RotationPolicy | None]


class Newcomers:
    """Finds newcomers that hold the old value; what to do about them is for a human to say."""

    def __init__(self, versions: SecretVersions, kinds: Kinds, policy_of: PolicyOf) -> None:
        self._versions = versions
        self._kinds = kinds
        self._policy_of = policy_of

    async def require_none_with_old_value(self, rotation: Rotation) -> None:
        """Make newcomers re-resolve their references; raises Drift if one holds the old value."""
        dependents = self._newcomers(rotation)
        if not dependents:
            return
        is_old = await self._is_old(rotation)
        names: list[str] = []
        held = await read_each(self._kinds, dependents)
        for dependent, entries in zip(dependents, held, strict=True):
            value = _held(dependent, entries)
            if value is None:
                continue
            reference = read_reference(value.reveal())
            if reference is None:
                is_held = is_old(value)
            else:
                is_held = reference.version.lower() == required(rotation.old_version).lower()
            if is_held:
                names.append(str(dependent))
            elif reference and not reference.version:
                await self._refresh(rotation, dependent, reference.text)
        if names:
            held_by_them = {"dependents": tuple(names)}
            raise_unless_insisted_on(
                rotation, Drift(rotation.secret, Reason("newcomers_with_old_value", held_by_them))
            )

    def _newcomers(self, rotation: Rotation) -> list[Dependent]:
        policy, terms = self._policy_of(rotation.secret), rotation.terms
        if policy is None or policy.vault.url != terms.vault_url:
            return []
        known = {_place(one.dependent) for one in rotation.captured}
        return [one for one in policy.dependents if _place(one) not in known]

    async def _is_old(self, rotation: Rotation) -> Callable[[SecretValue], bool]:
        """Return the function that tells the old value from others.

        If it can no longer be read, it may be any value but the current one.
        """
        vault_url, secret = rotation.terms.vault_url, rotation.secret
        try:
            _, old = await self._versions.read(vault_url, secret, required(rotation.old_version))
        except Rejected:
            _, current = await self._versions.current(vault_url, secret)
            return lambda held: held != current
        return lambda held: held == old

    async def _refresh(self, rotation: Rotation, dependent: Dependent, text: str) -> None:
        captured = Captured(dependent, Shape.REFERENCE, text)
        bad = {required(rotation.old_version)}
        await refresh_if_stale(self._kinds, dependent.app, [captured], bad)


def _held(dependent: Dependent, entries: Entries | Fault) -> SecretValue | None:
    if isinstance(entries, AppGone):
        return None
    if isinstance(entries, Fault):
        raise entries
    return held_by(dependent.setting, entries)


def _place(dependent: Dependent) -> tuple[str, str, str]:
    return dependent.app.id.lower(), dependent.kind, dependent.setting.lower()
