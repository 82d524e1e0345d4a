"""Dependents that the rules have gained since a rotation captured the others.

They got no new value. One that holds the old one would break when that is retired. So does one in a
policy file that waits for an admin, whose rules don't apply yet: it isn't read or changed. What a
file with errors names isn't known, so the retirement waits until they are fixed.
"""

from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta

from domain.reasons import Reason
from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import Captured, Dependent, Rotation, Shape
from domain.secrets import SecretValue
from services.faults import Fault, Rejected
from services.policies import Policies
from services.rotation.dependents.kind import AppGone, Entries, Kinds, held_by
from services.rotation.dependents.reads import read_each
from services.rotation.dependents.references import read_reference
from services.rotation.dependents.refresh import refresh_if_stale
from services.rotation.insistence import raise_unless_insisted_on
from services.rotation.secret_versions import SecretVersions
from services.rotation.step import Drift, NotYet
from services.rotation.steps.issue import required

RULES_KNOWN_WITHIN = timedelta(hours=1)
"""How long the retirement waits for the newest rules before it asks a human.

A deployment that replaces the replicas, or a table that doesn't answer, takes less. So it waits for
a file with errors, too.
"""


class Newcomers:
    """Finds newcomers that hold the old value; what to do about them is for a human to say."""

    def __init__(
        self,
        versions: SecretVersions,
        kinds: Kinds,
        policies: Policies,
        has_newest_rules: Callable[[], Awaitable[bool]],
    ) -> None:
        """Take the ports; ``has_newest_rules`` says whether ``policies`` has the newest rules."""
        self._versions = versions
        self._kinds = kinds
        self._policies = policies
        self._has_newest_rules = has_newest_rules

    async def require_none_with_old_value(self, rotation: Rotation, old: Collection[str]) -> None:
        """Make newcomers re-resolve their references; raises Drift if one holds the old value.

        ``old`` are the versions with that value, all of which are to be disabled.
        Raises NotYet while this replica doesn't know the newest rules, or the newest file has
        errors, and Drift if a file that waits for an admin names newcomers.
        """
        if not await self._has_newest_rules():
            raise NotYet("Latchkey", Reason("rules_not_known"), RULES_KNOWN_WITHIN)
        dependents = _newcomers(rotation, self._policies.rotation_of(rotation.secret))
        self._require_none_waiting(rotation, dependents)
        await self._require_none_with_old_value(rotation, dependents, old)
        if self._policies.newest_has_errors:
            unknown = NotYet("Latchkey", Reason("newcomers_not_known"), RULES_KNOWN_WITHIN)
            raise_unless_insisted_on(rotation, unknown)

    async def _require_none_with_old_value(
        self, rotation: Rotation, dependents: list[Dependent], old: Collection[str]
    ) -> None:
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
                is_held = reference.version.lower() in {version.lower() for version in old}
            if is_held:
                names.append(str(dependent))
            elif reference and not reference.version:
                await self._refresh(dependent, reference.text, old)
        if names:
            held_by_them = {"dependents": tuple(names)}
            raise_unless_insisted_on(
                rotation, Drift(rotation.secret, Reason("newcomers_with_old_value", held_by_them))
            )

    def _require_none_waiting(self, rotation: Rotation, in_force: list[Dependent]) -> None:
        known = {_place(one) for one in in_force}
        waiting = _newcomers(rotation, self._policies.waiting_rotation_of(rotation.secret))
        names = tuple(str(one) for one in waiting if _place(one) not in known)
        if names:
            not_accepted = Reason("newcomers_not_accepted", {"dependents": names})
            raise_unless_insisted_on(rotation, Drift(rotation.secret, not_accepted))

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

    async def _refresh(self, dependent: Dependent, text: str, bad: Collection[str]) -> None:
        captured = Captured(dependent, Shape.REFERENCE, text)
        await refresh_if_stale(self._kinds, dependent.app, [captured], bad)


def _newcomers(rotation: Rotation, policy: RotationPolicy | None) -> list[Dependent]:
    if policy is None or policy.vault.url.lower() != rotation.terms.vault_url.lower():
        return []
    known = {_place(one.dependent) for one in rotation.captured}
    return [one for one in policy.dependents if _place(one) not in known]


def _held(dependent: Dependent, entries: Entries | Fault) -> SecretValue | None:
    if isinstance(entries, AppGone):
        return None
    if isinstance(entries, Fault):
        raise entries
    return held_by(dependent.setting, entries)


def _place(dependent: Dependent) -> tuple[str, str, str]:
    return dependent.app.id.lower(), dependent.kind, dependent.setting.lower()
