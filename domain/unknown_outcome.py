"""Unknown outcomes: requests that were sent and not answered, and may still be carried out.

Whoever cuts a request off, or gets a reset or a 5xx for it, cancels nothing in Azure. So nothing
that depends on an effect *not* having happened is concluded before the longest life of such a
request has passed; then Azure is read once more.
"""

from datetime import datetime, timedelta

RESOURCE_MANAGER_LIFE = timedelta(seconds=75)
"""How long Azure Resource Manager may take to carry a request out that it was sent.

It gives a resource provider 60 seconds to answer (azure-resource-manager-rpc, "common API details":
client requests time out after 60 s); the rest is for its way there and for replication.
"""

SHOWN_AFTER = timedelta(minutes=1)
"""How long Azure Resource Manager may take to show a change to whoever reads it.

Until then a read may also be behind an earlier one, since another copy may answer it.
"""

KEY_VAULT_LIFE = timedelta(seconds=75)
"""How long Key Vault may take to carry a request out that it was sent.

It answers within seconds; writes whose caller was cut off were seen to land up to a minute later.
"""

APP_SERVICE_LIFE = timedelta(seconds=75)
"""How long App Service may take to change settings that it was sent.

They go through Azure Resource Manager, with its 60 seconds, and are queued while the site is busy.
"""

GRAPH_LIFE = timedelta(seconds=75)
"""How long Microsoft Graph may take to change an application that it was asked to."""


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the later of two ends of an unknown outcome; None where there is neither."""
    known = [at for at in (one, other) if at]
    return max(known, default=None)
