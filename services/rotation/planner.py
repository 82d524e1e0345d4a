"""Plan a rotation: look up what it would find and do, without changing anything."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.reasons import Reason
from domain.rotation.expiry import plan_expiry
from domain.rotation.plan import PlannedDependent, PlannedVersion, RotationPlan
from domain.rotation.remains import left_by
from domain.rotation.rotation import Captured, Dependent, Rotation, RotationState, Trigger
from domain.rotation.terms import digest_of
from domain.secrets import SecretValue
from services.clock import Clock
from services.faults import Fault, Rejected
from services.rotation.dependents.capturing import capture_each
from services.rotation.dependents.kind import Entries, Kinds
from services.rotation.dependents.reads import read_each
from services.rotation.fault_reasons import reason_of
from services.rotation.issuers.issuer import Issuer, Preview, kind_named
from services.rotation.rotations import Rotations
from services.rotation.secret_versions import (
    CREDENTIAL_TAG,
    ROTATION_TAG,
    SecretVersions,
    Version,
)
from services.rotation.steps.issue import issuer_of
from services.rotation.steps.issuing_systems import needs_slot_of, other_issuer_of
from services.rotation.steps.obstacles import Obstacle, current_version, obstacles
from services.rotation.steps.parts import held_part
from services.rotation.steps.validity import lifetime_of


class Planner:
    """Checks everything that a rotation depends on."""

    def __init__(
        self,
        rotations: Rotations,
        versions: SecretVersions,
        kinds: Kinds,
        issuers: Mapping[str, Issuer],
        clock: Clock,
    ) -> None:
        self._rotations = rotations
        self._versions = versions
        self._kinds = kinds
        self._issuers = issuers
        self._clock = clock

    async def plan(self, secret: str, trigger: Trigger, rotation_id: str) -> RotationPlan:
        """Plan a rotation, with the reasons why it can't start; raises NotRotatable."""
        policy = self._rotations.policy_of(secret)
        draft = await self._rotations.draft(policy, trigger, rotation_id)
        faults: list[Reason] = []
        last = await self._rotations.last_of(policy)
        if last and not last.is_over:
            faults.append(_in_the_way(last))
        left = left_by(last) if last else None
        current = await self._current(draft, faults)
        previewed = await self._preview(draft, *current) if current else Preview()
        earlier = await self._with_its_slot(draft, current[0]) if current else None
        if earlier and earlier.state is RotationState.NEEDS_HUMAN and earlier != last:
            faults.append(_in_the_way(earlier))
        ends = self._overlap_to_end(earlier) if earlier else None
        dependents = await self._dependents(draft, current)
        options = ", ".join(f"{name} {text}" for name, text in policy.options)
        return RotationPlan(
            secret=policy.secret,
            vault_name=policy.vault.name,
            at=self._clock(),
            old=_planned(current[0]) if current else None,
            issuer=f"{policy.issuer} ({options})" if options else policy.issuer,
            dependents=dependents,
            overlap=policy.overlap,
            expiry=plan_expiry(
                self._clock(),
                max_age=policy.max_age,
                lifetime=lifetime_of(current[0]) if current else None,
                may_end=kind_named(self._issuers, policy.issuer).may_end,
            ),
            part=policy.part,
            approvers=draft.terms.approvers,
            admin_groups=draft.terms.admin_groups,
            rules=digest_of(policy),
            notes=(*(note for note in (left, ends) if note), *previewed.notes),
            faults=(*faults, *previewed.faults),
        )

    async def _current(
        self, draft: Rotation, faults: list[Reason]
    ) -> tuple[Version, SecretValue] | None:
        terms = draft.terms
        try:
            version, value = await current_version(
                self._versions, terms.vault_name, terms.vault_url, draft.secret
            )
        except Obstacle as obstacle:
            faults.append(reason_of(obstacle))
            return None
        except Fault as fault:
            faults.append(Reason("current_version_unreadable", {"cause": fault.cause}))
            return None
        issuer = kind_named(self._issuers, terms.issuer)
        faults.extend(obstacles(draft.secret, terms, issuer, version, value, self._clock()))
        return version, value

    async def _with_its_slot(self, draft: Rotation, old: Version) -> Rotation | None:
        """Find the earlier rotation whose old credential is where a rotation would issue."""
        earlier = await self._rotations.find(old.tags.get(ROTATION_TAG, ""))
        is_needed = earlier and needs_slot_of(self._issuers, draft, earlier)
        return earlier if is_needed else None

    def _overlap_to_end(self, earlier: Rotation) -> Reason | None:
        """Say that a rotation would end the overlap of this one, or wait for its retirement."""
        if earlier.state is not RotationState.OVERLAPPING:
            return None
        if earlier.overlap_until is None or earlier.overlap_until <= self._clock():
            return Reason("overlap_has_ended", {"rotation_id": earlier.id})
        overlap = {"rotation_id": earlier.id, "until": earlier.overlap_until.isoformat()}
        return Reason("overlap_ends_at_once", overlap)

    async def _preview(self, draft: Rotation, old: Version, value: SecretValue) -> Preview:
        """Ask the issuer what issuing would mean; its refusals block the rotation."""
        try:
            held = held_part(draft, value)
        except Rejected:
            return Preview()  # the plan already says that there is no such part
        try:
            issuer = await other_issuer_of(
                self._versions, self._issuers, self._rotations.find, draft, old
            )
            if issuer is None:
                return await issuer_of(self._issuers, draft).preview(draft, old, held)
            tags = dict(old.tags)
            left = {"credential": tags.pop(CREDENTIAL_TAG), "issuer": issuer}
            unknown = replace(old, tags=tags)
            previewed = await issuer_of(self._issuers, draft).preview(draft, unknown, held)
            stays = Reason("credential_of_other_issuer_stays", left)
            return replace(previewed, notes=(stays, *previewed.notes))
        except Fault as fault:
            refused = Reason("issuer_would_refuse", parts=(reason_of(fault),))
            return Preview(faults=(refused,))

    async def _dependents(
        self, draft: Rotation, current: tuple[Version, SecretValue] | None
    ) -> tuple[PlannedDependent, ...]:
        dependents = draft.terms.dependents
        held = await read_each(self._kinds, dependents)
        found: Sequence[Captured | Fault | None] = [None] * len(dependents)
        if current:
            found = await capture_each(
                self._versions, self._kinds, draft, current, dependents, held
            )
        return tuple(map(_planned_dependent, dependents, held, found))


def _planned_dependent(
    one: Dependent, entries: Entries | Fault, captured: Captured | Fault | None
) -> PlannedDependent:
    if isinstance(entries, Fault):
        unreadable = Reason("settings_unreadable", {"cause": entries.cause})
        return PlannedDependent(one, None, unreadable)
    if isinstance(captured, Fault):
        return PlannedDependent(one, None, reason_of(captured))
    return PlannedDependent(one, captured.shape if captured else None)


def _in_the_way(rotation: Rotation) -> Reason:
    other = {"rotation_id": rotation.id, "state": str(rotation.state)}
    return Reason("other_rotation_under_way", other)


def _planned(version: Version) -> PlannedVersion:
    return PlannedVersion(
        id=version.id,
        enabled=version.enabled,
        created_at=version.created_at,
        expires_at=version.expires_at,
    )
