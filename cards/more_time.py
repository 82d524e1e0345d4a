"""The wish for more time that waits for approvers, as every card of its request shows it."""

from cards import text
from cards.elements import Field
from domain.access import Request
from domain.durations import say_duration
from domain.windows import open_wish


def wished(request: Request) -> list[Field]:
    """Draw how much more time is asked for; nothing where nobody asks for any."""
    wish = open_wish(request)
    if wish is None:
        return []
    return [Field("More time asked for", say_duration(wish.by)), *allowed_so_far(request)]


def allowed_so_far(request: Request) -> list[Field]:
    """Draw how many have allowed it, where it takes more than one."""
    wish, needed = open_wish(request), request.terms.min_approvals
    if wish is None or needed == 1:
        return []
    who = text.names_of(tuple(approval.approver.as_person() for approval in wish.approvals))
    count = f"{len(wish.approvals)} of {needed} have allowed it"
    return [Field("Allowed by", who or "nobody yet", count)]
