"""References without a version: Azure resolves them again when it is asked to, or in a day."""

from collections.abc import Collection, Sequence

from domain.reasons import Reason
from domain.rotation.rotation import AppSlot, Captured, Shape
from services.rotation.dependents.kind import Kinds, kind_of
from services.rotation.step import NotYet


async def refresh(kinds: Kinds, app: AppSlot, captured: Sequence[Captured]) -> None:
    """Have an app resolve its references again, where the secret is held by one."""
    by_reference = [one.dependent for one in captured if one.shape is Shape.REFERENCE]
    for dependent in {each.kind: each for each in by_reference}.values():
        await kind_of(kinds, dependent).refresh(app)


async def refresh_away(
    kinds: Kinds, app: AppSlot, captured: Sequence[Captured], bad: Collection[str]
) -> None:
    """Have an app resolve its references again, and see that none stands for a bad version.

    One that does not resolve at all may have been so before. Raises NotYet.
    """
    await refresh(kinds, app, captured)
    if stale := await _standing_for(kinds, app, captured, bad):
        raise NotYet(str(stale.dependent), Reason("reference_to_bad_version"))


async def refresh_if_stale(
    kinds: Kinds, app: AppSlot, captured: Sequence[Captured], bad: Collection[str]
) -> None:
    """Have an app resolve its references again if one stands for a bad version. Raises NotYet."""
    if await _standing_for(kinds, app, captured, bad):
        await refresh_away(kinds, app, captured, bad)


async def _standing_for(
    kinds: Kinds, app: AppSlot, captured: Sequence[Captured], bad: Collection[str]
) -> Captured | None:
    """Find a reference that is resolved to a bad version."""
    for one in captured:
        if one.shape is not Shape.REFERENCE:
            continue
        state = await kind_of(kinds, one.dependent).reference(app, one.dependent.setting)
        active = (state.active_version or "").lower() if state else ""
        if active in {version.lower() for version in bad}:
            return one
    return None
