"""Reads an access review: everything in its period, however much there is."""

import logging
from datetime import datetime, timedelta

from domain.access.request import GRANT_PATIENCE, Request
from domain.audit.access_review import AccessReview, Period, Tally
from domain.audit.history import Filter
from domain.audit.unused import unused_rights, unused_rules
from domain.policies.rule import Rules
from services.access.who_decides.open_requests import OpenRequests
from services.audit.history import History
from services.audit.named_people import NamedPeople
from services.clock import Clock
from services.faults import described
from services.policies import Policies
from services.progress import ProgressCount
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)

_BEFORE = timedelta(days=31)
"""How much earlier than the period a request is looked for, at the least."""


class AccessReviews:
    """Builds access reviews; the caller must have checked that the person is an admin."""

    def __init__(
        self,
        history: History,
        workflows: Workflows,
        open_requests: OpenRequests,
        policies: Policies,
        named_people: NamedPeople,
        clock: Clock,
    ) -> None:
        self._history = history
        self._workflows = workflows
        self._open_requests = open_requests
        self._policies = policies
        self._named_people = named_people
        self._clock = clock

    async def build(self, since: datetime, count: ProgressCount | None = None) -> AccessReview:
        """Review the time since then.

        The index finds requests by when they were made. Access in the period may have been asked
        for earlier, so earlier ones are read as well: as far back as a request can wait and last
        under the rules, and every one that is open now.
        """
        count = count or ProgressCount()
        rules, period = self._policies.in_force, Period(since, self._clock())
        tally = Tally(period, rules)
        read_since = since - _reach(rules)
        unreadable: set[str] = set()
        async for batch in self._history.walk(Filter(since=read_since)):
            unreadable |= set(batch.unreadable)
            count.add(len(batch.snapshots))
            for one in batch.snapshots:
                if isinstance(one.stored.head, Request):
                    tally.add(one.stored.head, one.events)
        for request_id in [one async for one in self._open_requests.ids()]:
            try:
                snapshot = await self._workflows.snapshot(request_id)
            except ValueError as error:
                log.warning("%s is left out: %s", request_id, described(error))
                unreadable.add(request_id)
                continue
            head = snapshot.stored.head if snapshot else None
            if snapshot and isinstance(head, Request) and head.requested_at < read_since:
                tally.add(head, snapshot.events)
        acted = {one for people in tally.acted.values() for one in people}
        named, unknown = await self._named_people.look_up(rules, sorted(acted))
        return AccessReview(
            period=period,
            read_since=read_since,
            requests=tally.requests,
            unreadable=len(unreadable),
            holdings=tally.holdings(),
            unused_rules=unused_rules(rules, tally.used),
            unused_rights=unused_rights(rules, tally.acted, named),
            unknown=unknown,
        )


def _reach(rules: Rules) -> timedelta:
    """Return how long a request can wait and its access last, under the rules in force."""
    policies = [rules.defaults, *(rule.access for rule in rules.rules if rule.access)]
    waits = [max(one.pending_for, one.start_within) for one in policies]
    lasts = [GRANT_PATIENCE + one.longest for one in policies]
    return max(_BEFORE, max(waits) + max(lasts))
