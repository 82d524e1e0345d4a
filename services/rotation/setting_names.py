"""The names of app settings: App Service does not tell ``API_KEY`` from ``api_key``.

Azure/azure-cli#13673: a PUT with both spellings is a conflict; one with another spelling than the
present one renames the setting, so whoever writes settings keeps the app's own spelling.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from domain.secrets import SecretValue
from services.rotation.ports import Settings

_ALIKE = 0.6
"""How much of two names has to be the same, from 0 to 1, for one to be meant by the other."""


def spelling_of(name: str, settings: Settings) -> str | None:
    """Return a setting's name as the app spells it; None where there is none such."""
    if name in settings:
        return name
    return next((each for each in settings if each.lower() == name.lower()), None)


def held_by(name: str, settings: Settings) -> SecretValue | None:
    """Return what a setting holds, however its name is spelt; None where there is none such."""
    spelling = spelling_of(name, settings)
    return None if spelling is None else settings[spelling]


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the existing name that may be meant by one that does not exist."""
    by_lower = {each.lower(): each for each in names}
    near = get_close_matches(name.lower(), by_lower, n=1, cutoff=_ALIKE)
    return by_lower[near[0]] if near else None
