"""Write: create a new version with the new value, tagged so that a retry finds it."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from domain.reasons import Reason
from domain.rotation.rotation import AppSlot, Captured, Rotation, Shape
from domain.secrets import SecretValue
from domain.unknown_outcome import GRAPH_LIFE, RESOURCE_MANAGER_LIFE
from services.clock import Clock
from services.faults import Unavailable
from services.rotation.dependents.apps import each_app, require_insistence
from services.rotation.dependents.kind import AppGone, Kinds
from services.rotation.dependents.refresh import refresh_away
from services.rotation.issuers.issuer import Issuer
from services.rotation.secret_versions import CREDENTIAL_TAG, SecretVersions, Version
from services.rotation.step import Drift, NotYet, StepOutcome, notes
from services.rotation.steps.issue import issuer_of, required
from services.rotation.steps.parts import held_part, with_new_part
from services.rotation.steps.restore import restore_value
from services.rotation.steps.validity import as_successor
from services.rotation.versions.hidden import require_none_hidden
from services.rotation.versions.recreated import is_recreated
from services.rotation.versions.versions_of import NEW, made_by, tags_for

_ISSUER_DELAY = max(GRAPH_LIFE, RESOURCE_MANAGER_LIFE)
"""For how long an issuer's reads may miss what it has issued."""


class Write:
    """The third step."""

    def __init__(
        self,
        versions: SecretVersions,
        kinds: Kinds,
        issuers: Mapping[str, Issuer],
        clock: Clock,
    ) -> None:
        self._versions = versions
        self._kinds = kinds
        self._issuers = issuers
        self._clock = clock

    async def probe(self, rotation: Rotation) -> StepOutcome | None:
        """Find the version that an earlier try made; of two, the current one stays enabled."""
        made = await made_by(self._versions, rotation, NEW)
        if not made:
            return None
        vault_url, secret = rotation.terms.vault_url, rotation.secret
        current, value = await self._versions.current(vault_url, secret)
        kept = next((version for version in made if version.id == current.id), None)
        if kept is None:
            raise Unavailable("Key Vault", Reason("new_version_not_current"), outcome_unknown=False)
        credential = kept.tags.get(CREDENTIAL_TAG, rotation.credential)
        issuer = issuer_of(self._issuers, rotation)
        held = held_part(rotation, value)
        if not await issuer.is_alive(rotation, credential, held):
            # Issuers' reads lag, so a missing credential only counts once the version is old
            # enough. Then another version is written, and this one is disabled afterwards.
            self._require_age(rotation, kept)
            return None
        await self._disable_others(rotation, made, kept.id)
        await require_none_hidden(self._versions, rotation, kept)
        tried = await issuer.test_value(rotation, held)
        return self._outcome(replace(rotation, credential=credential), kept, tried)

    async def perform(self, rotation: Rotation) -> StepOutcome:
        vault_url, secret = rotation.terms.vault_url, rotation.secret
        old, held = await self._predecessor(rotation)
        issuer = issuer_of(self._issuers, rotation)
        issued = await issuer.issue(rotation)
        now = self._clock()
        tags = tags_for(rotation, old, NEW, now)
        # The old version's credential may be another issuer's.
        tags.pop(CREDENTIAL_TAG, None)
        if issued.credential:
            tags[CREDENTIAL_TAG] = issued.credential
        successor = as_successor(old, issued, now, max_age=rotation.terms.max_age)
        successor = replace(successor, tags=tags)
        whole = with_new_part(rotation, held, issued.value)
        version = await self._versions.write(vault_url, secret, whole, successor)
        current, value = await self._versions.current(vault_url, secret)
        if current.id != version or value != whole:
            raise Unavailable(
                "Key Vault", Reason("new_version_not_read_back"), outcome_unknown=False
            )
        # Latchkey sends it once, but a proxy in between may have sent it twice.
        await self._disable_others(rotation, await made_by(self._versions, rotation, NEW), version)
        await require_none_hidden(self._versions, rotation, current)
        tried = await issuer.test_value(rotation, issued.value)
        return self._outcome(replace(rotation, credential=issued.credential), current, tried)

    async def _predecessor(self, rotation: Rotation) -> tuple[Version, SecretValue]:
        """Return the version from before; raises Drift if someone else has written one since."""
        vault_url, secret = rotation.terms.vault_url, rotation.secret
        before = required(rotation.old_version)
        current, held = await self._versions.current(vault_url, secret)
        if current.id == before:
            return current, held
        if current.id not in {one.id for one in await made_by(self._versions, rotation, NEW)}:
            raise Drift(secret, Reason("version_by_others", {"version": current.id}))
        # An earlier try of this rotation wrote it, and its value is no longer valid.
        return await self._versions.read(vault_url, secret, before)

    def _require_age(self, rotation: Rotation, version: Version) -> None:
        age = self._clock() - version.created_at if version.created_at else None
        if age is not None and age < _ISSUER_DELAY:
            raise NotYet(rotation.terms.issuer, Reason("credential_not_shown"))

    async def undo(self, rotation: Rotation) -> StepOutcome:
        bad = await made_by(self._versions, rotation, NEW)
        if not bad:
            was_written = rotation.new_version is not None
            gone = was_written and await is_recreated(self._versions, rotation)
            return StepOutcome(replace(rotation, was_made_anew=gone))
        restored = await restore_value(self._versions, rotation)
        references = None
        if rotation.restored_version is None:
            references = await self._refresh_away(rotation, {version.id for version in bad})
        for version in bad:
            await self._versions.disable(rotation.terms.vault_url, rotation.secret, version.id)
        if restored.restored_version:
            note = Reason("old_value_restored")
        else:
            note = Reason("version_of_others_kept")
        return StepOutcome(restored, notes([note, references]))

    async def _refresh_away(self, rotation: Rotation, bad: Collection[str]) -> Reason | None:
        """Make sure that no reference resolves to a version that App Service found in between.

        If the rotation failed at this step, nothing else brings its dependents back. Returns a note
        that names the references.
        """

        async def refresh(app: AppSlot, captured: list[Captured]) -> list[str]:
            try:
                await refresh_away(self._kinds, app, captured, bad)
            except AppGone:
                require_insistence(rotation, app)
                return []
            return [str(one.dependent) for one in captured if one.shape is Shape.REFERENCE]

        names = tuple(name for names in await each_app(rotation, refresh) for name in names)
        return Reason("references_refreshed", {"dependents": names}) if names else None

    async def _disable_others(self, rotation: Rotation, made: list[Version], kept: str) -> None:
        for version in made:
            if version.id != kept:
                await self._versions.disable(rotation.terms.vault_url, rotation.secret, version.id)

    @staticmethod
    def _outcome(rotation: Rotation, version: Version, tried: Reason | None) -> StepOutcome:
        expires = version.expires_at.isoformat() if version.expires_at else None
        note = Reason("version_written", {"version": version.id[:8], "expires": expires})
        return StepOutcome(replace(rotation, new_version=version.id), notes([note, tried]))
