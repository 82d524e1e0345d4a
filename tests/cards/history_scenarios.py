"""Data for the history cards, with one text wherever text comes from people."""

from dataclasses import replace
from datetime import timedelta

from cards.audit.history_card import history_card
from cards.audit.report_card import report_card
from cards.audit.timeline_card import timeline_card
from cards.audit.verdict_card import verdict_card
from cards.kit.elements import Content
from domain.access.request import Request
from domain.audit.evidence import ChainFlaw, Verdict
from domain.audit.history import Recorded
from domain.audit.report import Aged, Report
from domain.people import Actor, Person
from domain.workflow import Event
from tests.cards.orphan_scenarios import ORPHAN_EVENTS
from tests.cards.rotation_scenarios import ROTATION_EVENTS, ROTATIONS, rotation_saying
from tests.cards.scenarios import EVENTS, NOW, REQUESTS, called

UNBROKEN = Verdict(6, "0123456789abcdef" * 4)
BROKEN = replace(UNBROKEN, flaw=ChainFlaw.REMOVED, number=3)

REPORT = Report(
    requests=(("revoked", 41), ("denied", 3), ("stuck", 1)),
    rotations=(("rotated", 12), ("rolled_back", 1)),
    approved_by_people=30,
    approved_by_rule=11,
    time_to_decision=timedelta(minutes=12),
    active=4,
    stuck=1,
    oldest=(
        Aged("storage-key", "kv-demo", None),
        Aged("demo-api-key", "kv-demo", timedelta(days=400)),
    ),
    top_requesters=((Person("id-1", "Dana Developer"), 17), (Person("id-2", "Eve Engineer"), 9)),
    is_whole=False,
)
QUIET = replace(
    REPORT,
    requests=(),
    rotations=(),
    approved_by_people=0,
    approved_by_rule=0,
    time_to_decision=None,
    active=0,
    stuck=0,
    oldest=(),
    top_requesters=(),
    is_whole=True,
)


def history_cards(words: str) -> dict[str, Content]:
    """Draw every history card with ``words`` for each name and reason."""
    requests = [_request(words, request) for request in REQUESTS.values()]
    rotations = [rotation_saying(words, rotation) for rotation in ROTATIONS.values()]
    orphan = replace(ORPHAN_EVENTS["stuck"][0], description=words)
    heads: list[Recorded] = [*requests[:5], *rotations[:4], orphan]
    report = replace(
        REPORT,
        oldest=(Aged(words, words, timedelta(days=400)),) * 5,
        top_requesters=((Person("id-1", words), 17),) * 5,
    )
    happened = [_event(words, event) for _, event in EVENTS.values()]
    rotated = [_event(words, event) for _, event in ROTATION_EVENTS.values()]
    return {
        "history": history_card(heads, since=NOW, more="opaque"),
        "timeline of a request": timeline_card(_request(words, REQUESTS["stuck"]), happened),
        "timeline of a rotation": timeline_card(rotations[0], rotated),
        "timeline of an orphan": timeline_card(
            orphan, [_event(words, event) for _, event in ORPHAN_EVENTS.values()]
        ),
        "verdict": verdict_card("req-01jd7q3v9k", UNBROKEN),
        "report": report_card(report),
    }


def _request(words: str, request: Request) -> Request:
    requester = replace(request.requester, name=words)
    targets = called(words, request.targets)
    return replace(request, requester=requester, targets=targets, justification=words)


def _event(words: str, event: Event) -> Event:
    actor: Actor | None = event.actor and replace(event.actor, name=words)
    facts = {
        name: words if isinstance(value, str) else value for name, value in event.facts.items()
    }
    return replace(event, actor=actor, facts=facts)
