"""Which messages show their present content when their reader looks at them."""

from domain.access.announcements import is_shared_chat
from services.workflow.messages import MessageRef

_PLAYGROUND_PATH = "/_connector"
"""How the address of its connector ends, whatever its port."""


def knows_refresh(service_url: str) -> bool:
    """Return whether the client refreshes cards; the Playground shows an error for each."""
    return not service_url.endswith(_PLAYGROUND_PATH)


def refreshes_itself(ref: MessageRef) -> bool:
    """Return whether a card there refreshes itself; where several people are, none does."""
    return not is_shared_chat(ref.conversation_id) and knows_refresh(ref.service_url)
