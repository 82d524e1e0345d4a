"""References without a version: Azure re-resolves them on request, or within a day."""

from collections.abc import Collection, Sequence

from domain.reasons import Reason
from domain.rotation.rotation import AppSlot, Captured, Shape
from services.rotation.dependents.kind import Kinds, kind_of
from services.rotation.dependents.side_by_side import side_by_side
from services.rotation.step import NotYet


async def refresh(kinds: Kinds, app: AppSlot, captured: Sequence[Captured]) -> None:
    """Make an app re-resolve its references if one of them holds the secret."""
    by_reference = [one.dependent for one in captured if one.shape is Shape.REFERENCE]
    for dependent in {each.kind: each for each in by_reference}.values():
        await kind_of(kinds, dependent).refresh(app)


async def refresh_away(
    kinds: Kinds, app: AppSlot, captured: Sequence[Captured], bad: Collection[str]
) -> None:
    """Make an app re-resolve its references, and check that none resolves to a bad version.

    A reference that doesn't resolve at all passes: it may have been so before. Raises NotYet.
    """
    await refresh(kinds, app, captured)
    if stale := await _standing_for(kinds, app, captured, bad):
        raise NotYet(str(stale.dependent), Reason("reference_to_bad_version"))


async def refresh_if_stale(
    kinds: Kinds, app: AppSlot, captured: Sequence[Captured], bad: Collection[str]
) -> None:
    """Make an app re-resolve its references if one resolves to a bad version. Raises NotYet."""
    if await _standing_for(kinds, app, captured, bad):
        await refresh_away(kinds, app, captured, bad)


async def _standing_for(
    kinds: Kinds, app: AppSlot, captured: Sequence[Captured], bad: Collection[str]
) -> Captured | None:
    """Find a reference that resolves to a bad version."""
    references = [one for one in captured if one.shape is Shape.REFERENCE]
    states = await side_by_side(
        kind_of(kinds, one.dependent).reference(app, one.dependent.setting) for one in references
    )
    for one, state in zip(references, states, strict=True):
        active = (state.active_version or "").lower() if state else ""
        if active in {version.lower() for version in bad}:
            return one
    return None
