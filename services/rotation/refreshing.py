"""References without a version: App Service resolves them anew when it is asked to, or in a day."""

from collections.abc import Collection

from domain.rotation import AppSlot, Captured, Shape
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
    for one in captured:
        if one.shape is not Shape.REFERENCE:
            continue
        state = await apps.reference(app, one.dependent.setting)
        active = (state.active_version or "").lower() if state else ""
        if active in {version.lower() for version in bad}:
            raise NotYet(str(one.dependent), "the reference still stands for the bad version")
