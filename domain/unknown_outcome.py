"""Unknown outcomes: requests that went unanswered and may still be carried out.

A timeout, a reset or a 5xx doesn't cancel a request in Azure. So we don't conclude that an effect
did *not* happen before the longest life of such a request has passed and Azure was read again.
"""

from datetime import datetime, timedelta

RESOURCE_MANAGER_LIFE = timedelta(seconds=75)
"""How long Azure Resource Manager may take to carry out a request.

It gives a resource provider 60 seconds to answer (azure-resource-manager-rpc, "common API details":
client requests time out after 60 s); the rest is for transit and replication.
"""

SHOWN_AFTER = timedelta(minutes=1)
"""How long Azure Resource Manager may take to show a change to whoever reads it.

Until then a read may also be behind an earlier one, since another copy may answer it.
"""

KEY_VAULT_LIFE = timedelta(seconds=75)
"""How long Key Vault may take to carry out a request.

It answers within seconds; after a lost connection, writes were seen to land up to a minute later.
"""

APP_SERVICE_LIFE = timedelta(seconds=75)
"""How long App Service may take to change settings.

They go through Azure Resource Manager, with its 60 seconds, and are queued while the site is busy.
"""

GRAPH_LIFE = timedelta(seconds=75)
"""How long Microsoft Graph may take to change an application."""

TEAMS_LIFE = timedelta(seconds=75)
"""How long Teams may take to replace a message. It names no limit; this is as long as the others'.
"""


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the later of two optional times; None if both are None."""
    known = [at for at in (one, other) if at]
    return max(known, default=None)
