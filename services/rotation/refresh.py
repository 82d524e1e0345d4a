"""References without a version: App Service resolves them anew when it is asked to, or in a day."""

from collections.abc import Collection

from domain.reasons import Reason
from domain.rotation.rotation import AppSlot, Captured, Shape
from services.rotation.ports import AppSettings
from services.rotation.step import NotYet


async def refresh(apps: AppSettings, app: AppSlot, captured: list[Captured]) -> None:
    """Have an app resolve its references anew, where the secret is held by one."""
    if any(one.shape is Shape.REFERENCE for one in captured):
        await apps.refresh(app)


async def refresh_away(
    apps: AppSettings, app: AppSlot, captured: list[Captured], bad: Collection[str]
) -> None:
    """Have an app resolve its references anew, and see that none stands for a bad version.

    One that does not resolve at all may have been so before. Raises NotYet.
    """
    await refresh(apps, app, captured)
    if stale := await _standing_for(apps, app, captured, bad):
        raise NotYet(str(stale.dependent), Reason("reference_to_bad_version"))


async def refresh_if_stale(
    apps: AppSettings, app: AppSlot, captured: list[Captured], bad: Collection[str]
) -> None:
    """Have an app resolve its references anew where one stands for a bad version. Raises NotYet."""
    if await _standing_for(apps, app, captured, bad):
        await refresh_away(apps, app, captured, bad)


async def _standing_for(
    apps: AppSettings, app: AppSlot, captured: list[Captured], bad: Collection[str]
) -> Captured | None:
    """Find a reference that is resolved to a bad version."""
    for one in captured:
        if one.shape is not Shape.REFERENCE:
            continue
        state = await apps.reference(app, one.dependent.setting)
        active = (state.active_version or "").lower() if state else ""
        if active in {version.lower() for version in bad}:
            return one
    return None
