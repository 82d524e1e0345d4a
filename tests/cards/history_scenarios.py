"""Data for the history cards, with one text wherever text comes from people."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from cards.audit.access_review_card import access_review_card
from cards.audit.checkpoint_card import checkpoint_card
from cards.audit.day_verdict_card import day_verdict_card
from cards.audit.history_card import HistoryPages, history_card
from cards.audit.outside_reads_card import outside_reads_card
from cards.audit.report_card import report_card
from cards.audit.retention_card import retention_card
from cards.audit.sealed_verdict_card import sealed_verdict_card
from cards.audit.timeline_card import timeline_card
from cards.audit.verdict_card import verdict_card
from cards.kit.elements import Content
from domain.access.reads import (
    LogSpan,
    Read,
    ReadOfGrant,
    ReadsSeen,
    SecretOfVault,
    VersionReads,
)
from domain.access.request import Request
from domain.audit.access_review import AccessReview, Holding, Period
from domain.audit.evidence import ChainFlaw, Verdict
from domain.audit.figures import Figures
from domain.audit.history import Recorded
from domain.audit.intervals import Unit
from domain.audit.outside_reads import OutsideRead, OutsideReader, OutsideReads
from domain.audit.report import Aged, Decider, Interval, Report, summarise
from domain.audit.spread import spread_of
from domain.audit.unused import PolicyRight, UnusedRight
from domain.people import Actor, Person
from domain.policies.rule import Rule
from domain.workflow import Event
from tests.cards.checkpoint_scenarios import DAY_TAKEN, verdicts
from tests.cards.orphan_scenarios import ORPHAN_EVENTS
from tests.cards.retention_scenarios import ARCHIVED, REMOVED, sealed_verdicts
from tests.cards.rotation_scenarios import ROTATION_EVENTS, ROTATIONS, rotation_saying
from tests.cards.scenarios import EVENTS, NOW, REQUESTS, called

UNBROKEN = Verdict(6, "0123456789abcdef" * 4)
BROKEN = replace(UNBROKEN, flaw=ChainFlaw.REMOVED, number=3)

_DANA, _EVE = Person("id-1", "Dana Developer"), Person("id-2", "Eve Engineer")
_ADA = Person("id-3", "Ada Approver")


def _interval(day: int, grants: int, *minutes_waited: int) -> Interval:
    waits = spread_of(Counter(timedelta(minutes=each) for each in minutes_waited))
    return Interval(NOW - timedelta(days=day), grants + 1, grants, waits)


REPORT = Report(
    asked=Period(NOW - timedelta(days=30), NOW),
    counted_since=(NOW - timedelta(days=30)).replace(hour=0, minute=0),
    secret=None,
    requests=(("revoked", 41), ("denied", 3), ("stuck", 1)),
    rotations=(("rotated", 12), ("rolled_back", 1)),
    approved_by_people=30,
    approved_by_rule=11,
    unit=Unit.WEEK,
    intervals=(_interval(15, 9, 3, 12, 90), _interval(12, 31, 12), _interval(5, 0)),
    decisions=spread_of(Counter(timedelta(minutes=each) for each in (3, 12, 12, 90))),
    lateness=spread_of(Counter(timedelta(seconds=each) for each in (0, 2, 4, 7_200))),
    late=(39, 1, 0, 1),
    unconfirmed=2,
    deciders=(Decider(_ADA, 28, 3), Decider(_EVE, 2, 0)),
    active=4,
    stuck=1,
    oldest=(
        Aged("storage-key", "kv-demo", None),
        Aged("demo-api-key", "kv-demo", timedelta(days=400)),
    ),
    requesters=((_DANA, 17), (_EVE, 9)),
    unreadable=2,
)
HOLDING = Holding(
    person=_DANA,
    secret="demo-api-key",
    vault="kv-demo",
    rule="demo-*",
    granted=17,
    broke_glass=2,
    by_rule=3,
    whole_vault=15,
    last_granted=NOW,
    held=timedelta(hours=25, minutes=30),
    is_held_now=True,
    approver=_ADA,
    approved=12,
)
BEFORE = replace(
    HOLDING,
    person=_EVE,
    rule="",
    granted=0,
    broke_glass=0,
    by_rule=0,
    whole_vault=0,
    last_granted=None,
    held=timedelta(minutes=90),
    is_held_now=False,
    approver=None,
    approved=0,
)
UNUSED = UnusedRight(PolicyRight.APPROVE, "ada@x", "Ada Approver", ("demo-*",), of=1, is_known=True)
ACCESS_REVIEW = AccessReview(
    period=Period(NOW - timedelta(days=90), NOW),
    read_since=NOW - timedelta(days=121),
    requests=1_234,
    unreadable=2,
    holdings=(HOLDING, BEFORE),
    unused_rules=(Rule("payments-api-key"), Rule("dev-*")),
    unused_rights=(
        UNUSED,
        replace(UNUSED, right=PolicyRight.REQUEST, name="left@contoso.example", is_known=False),
        replace(UNUSED, right=PolicyRight.BREAK_GLASS, name="Bo Backup"),
        replace(UNUSED, name="Cy Careful", of=2),
    ),
    unknown=("who@contoso.example",),
)
QUIET = summarise(Figures(), asked=REPORT.asked, stuck=0, aged=())


def _reads(words: str) -> ReadsSeen:
    """Build reads with ``words`` for whatever the log says."""
    version = VersionReads(secret=words, version=words, count=3, first=NOW, last=NOW)
    place = SecretOfVault(words, words)
    read = Read(at=NOW, place=place, version=words, caller=words, operation=words)
    return ReadsSeen(
        span=LogSpan(NOW, NOW),
        reads=(ReadOfGrant(read=read, is_by_holder=False, is_by_grant=False, is_late=True),) * 900,
        versions=(version,) * 20,
        late=1,
        by_other_role=2,
        by_others=3,
        of_other_secrets=4,
        silent=(words,),
        known_until=NOW,
        is_whole=False,
    )


def _outside(words: str) -> OutsideReads:
    """Build reads without a grant, with ``words`` for each name."""
    person = OutsideReader(
        secret=words, vault=words, person=Person("id-1", words), count=3, first=NOW, last=NOW
    )
    application = replace(person, person=None, application=words)
    read = OutsideRead(
        at=NOW,
        secret=words,
        vault=words,
        version=words,
        operation=words,
        assignment=words,
        person=person.person,
    )
    return OutsideReads(
        span=LogSpan(NOW, NOW),
        people=(person,) * 60,
        applications=(replace(application, is_latchkey=True), *(application,) * 60),
        reads=(read,) * 200,
        silent=(words,) * 9,
        known_until=NOW,
        is_whole=False,
    )


def history_cards(words: str) -> dict[str, Content]:
    """Draw every history card with ``words`` for each name and reason."""
    requests = [_request(words, request) for request in REQUESTS.values()]
    rotations = [rotation_saying(words, rotation) for rotation in ROTATIONS.values()]
    orphan = replace(ORPHAN_EVENTS["stuck"][0], description=words)
    heads: list[Recorded] = [*requests[:5], *rotations[:4], orphan]
    report = replace(
        REPORT,
        secret=words,
        intervals=REPORT.intervals[:1] * 14,
        deciders=(Decider(Person("id-1", words), 17, 4),) * 60,
        oldest=(Aged(words, words, timedelta(days=400)),) * 60,
        requesters=((Person("id-1", words), 17),) * 60,
    )
    happened = [_event(words, event) for _, event in EVENTS.values()]
    rotated = [_event(words, event) for _, event in ROTATION_EVENTS.values()]
    return {
        "history": history_card(
            heads, HistoryPages(this="opaque", first="opaque", following="opaque"), since=NOW
        ),
        "reads without a grant": outside_reads_card(_outside(words)),
        "timeline of a request": timeline_card(
            _request(words, REQUESTS["stuck"]), happened, _reads(words)
        ),
        "timeline of a rotation": timeline_card(rotations[0], rotated, back="opaque"),
        "timeline of an orphan": timeline_card(
            orphan, [_event(words, event) for _, event in ORPHAN_EVENTS.values()]
        ),
        "verdict": verdict_card("req-01jd7q3v9k", UNBROKEN),
        "checkpoint": checkpoint_card(_event(words, DAY_TAKEN.events[0]), 2),
        **{f"day: {name}": day_verdict_card(one) for name, one in verdicts(words).items()},
        "archived": retention_card(_event(words, ARCHIVED.events[0]), 1),
        "removed": retention_card(_event(words, REMOVED.events[0]), 2),
        **{
            f"sealed: {name}": sealed_verdict_card(one)
            for name, one in sealed_verdicts(words).items()
        },
        "report": report_card(report),
        "access review": access_review_card(_review(words), file_follows=True),
    }


def _review(words: str) -> AccessReview:
    who = Person("id-1", words)
    holding = replace(HOLDING, person=who, secret=words, vault=words, approver=who)
    unused = tuple(replace(UNUSED, name=words, right=right) for right in PolicyRight)
    return replace(
        ACCESS_REVIEW,
        holdings=(holding,) * 500,
        unused_rules=(Rule(words),) * 500,
        unused_rights=unused * 500,
        unknown=(words,) * 500,
    )


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
