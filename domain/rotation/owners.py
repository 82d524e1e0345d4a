"""The owners named in a secret's tags."""

import re
from collections.abc import Mapping

OWNER_TAGS = ("owner", "approvers")
_MOST = 20
_BETWEEN = re.compile(r"[,;\s]+")


def owners_in(tags: Mapping[str, str]) -> tuple[str, ...]:
    """Return the emails and object IDs in the ``owner`` and ``approvers`` tags, each once."""
    named = {name.lower(): value for name, value in tags.items()}
    found = [one for tag in OWNER_TAGS for one in _BETWEEN.split(named.get(tag, "")) if one]
    return tuple(dict.fromkeys(one.lower() for one in found))[:_MOST]
