"""Every card, drawn with the same text wherever text comes from people or Azure."""

from dataclasses import replace
from datetime import timedelta

from cards.access.approvals_card import approvals_card
from cards.access.drill_card import drill_card, drill_plan_card
from cards.access.end_card import end_card
from cards.access.event_card import audit_card, outcome_card, requester_card
from cards.access.forms.extend_card import extend_card
from cards.access.forms.picker_card import picker_card
from cards.access.forms.request_form import INPUTS, RequestForm, request_form, request_form_closed
from cards.access.messages.drill_messages import drill_audit_card
from cards.access.messages.step_up_messages import own_refused_sign_in_card
from cards.access.my_access_card import my_access_card
from cards.access.orphan_card import orphan_card
from cards.access.own_card import own_card
from cards.access.request_card import request_card
from cards.access.secrets_card import SecretRow, secrets_card
from cards.access.step_up_card import (
    approval_step_up_card,
    extension_step_up_card,
    request_step_up_card,
)
from cards.access.why_card import why_card
from cards.access.window_card import approver_card, warning_card
from cards.audit.erasure_card import erasure_card
from cards.audit.who_card import who_card
from cards.kit.elements import Content
from cards.kit.listing import Paging
from cards.kit.notice import notice
from cards.kit.stacked import stacked
from cards.kit.substitute_card import substitute_card
from cards.kit.tone import Tone
from cards.kit.verbs import LONGEST_LINE
from cards.operations.erase_card import erase_card
from cards.operations.help_card import help_card, welcome_card
from cards.operations.policy_file_card import policy_file_card
from cards.operations.progress_card import Task, progress_card, stopped_card
from cards.operations.stuck_card import stuck_card
from cards.operations.suggestion_card import Offer, suggestion_card
from cards.operations.waiting_announcements import WaitingAnnouncements
from cards.rotation.abandon_card import abandon_card
from cards.rotation.event_card import rotation_audit_card, rotation_person_card
from cards.rotation.expiry_watch_card import watch_card
from cards.rotation.plan_card import plan_card
from cards.rotation.rotation_card import rotation_card
from cards.rotation.rotations_card import rotations_card
from domain.access.background import Background
from domain.access.request import Request
from domain.drill.drill import Drill
from domain.people import Actor, Group, Person, Principals
from domain.phrases import phrase
from domain.progress import Progress
from domain.reasons import Param, Reason, as_written
from domain.workflow import Event
from tests.cards.diagnoses import diagnosis_cards
from tests.cards.drill_scenarios import DRILL_EVENTS, DRILLS, PLANNED
from tests.cards.erasure_scenarios import ERASURE_ID, ERASURES
from tests.cards.expiry_watch_scenarios import WATCH_EVENTS
from tests.cards.history_scenarios import history_cards
from tests.cards.orphan_scenarios import ORPHAN_EVENTS
from tests.cards.policy_file_scenarios import POLICY_FILE_EVENTS, policy_event_saying
from tests.cards.rotation_scenarios import (
    PLANS,
    ROTATION_EVENTS,
    ROTATIONS,
    ROWS,
    TOLD_TO_ADMIN,
    plan_saying,
    rotation_saying,
    row_saying,
)
from tests.cards.scenarios import (
    ABOUT_WINDOWS,
    DANA,
    ENDABLE,
    EVENTS,
    KNOWN,
    NOW,
    REQUESTER_SCENARIOS,
    REQUESTS,
    called,
)
from tests.cards.several_scenarios import EVENTS_OF_SEVERAL, REQUESTS_OF_SEVERAL
from tests.cards.why_scenarios import EXPLANATIONS, explanation_saying

MIDDLE = Paging(after="10", following="20")


def every_card(words: str) -> dict[str, Content]:
    """Draw every card with ``words`` for each name, reason, justification and Azure message."""
    cards = {
        f"request: {name}": request_card(saying(words, request), buttons=True)
        for name, request in REQUESTS.items()
    }
    cards |= _own_cards(words)
    helpless = rotation_saying(words, ROTATIONS["needs a human"])
    cards["abandon"] = abandon_card(helpless, (as_written(words),), words)
    for name, (request, event) in REQUESTER_SCENARIOS.items():
        told = requester_card(saying(words, request), event_saying(words, event))
        cards[f"requester: {name}"] = told
    for name, (request, event) in ABOUT_WINDOWS.items():
        asked, happened = saying(words, request), event_saying(words, event)
        cards[f"window, requester: {name}"] = warning_card(asked, happened)
        cards[f"window, approver: {name}"] = approver_card(asked, happened)
    for name, (request, event) in EVENTS.items():
        told = audit_card(saying(words, request), event_saying(words, event), 7)
        cards[f"audit: {name}"] = told
    at_once = [cards[f"audit: {name}"] for name in ("approved", "granted")]
    cards["audit: approved and granted"] = stacked(at_once)
    drawn = [saying(words, request) for request in REQUESTS.values()]
    for name, request in REQUESTS_OF_SEVERAL.items():
        cards[f"request: {name}"] = request_card(saying(words, request), buttons=True)
    for name, (request, event) in EVENTS_OF_SEVERAL.items():
        told = audit_card(saying(words, request), event_saying(words, event), 7)
        cards[f"audit: {name}"] = told
    cards["my access"] = my_access_card(
        drawn[:5], 7, NOW, reader=drawn[0].holder.object_id, paging=MIDDLE
    )
    cards["approvals"] = approvals_card(drawn[:5], 7, NOW, MIDDLE)
    for name, request in ENDABLE.items():
        cards[f"end: {name}"] = end_card(saying(words, request))
    cards |= {f"step-up: {name}": content for name, content in step_up_cards(words).items()}
    cards["form"] = request_form(a_form(words))
    cards["break-glass form"] = request_form(replace(a_form(words), emergency=True))
    cards["extend"] = extend_card(saying(words, ENDABLE["active"]), words, words)
    cards["form closed"] = request_form_closed(words)
    cards["help"] = help_card({"For admins": [("doctor", "Check configuration and permissions")]})
    cards["welcome"] = welcome_card(is_approver=True, is_admin=True)
    cards["secrets"] = secrets_card(
        [
            SecretRow(words, timedelta(hours=4), _principals(words)),
            SecretRow("app-api-key", timedelta(hours=4), _principals(words)),
        ],
        MIDDLE,
    )
    cards["notice"] = notice(words, Tone.WARNING)
    task, running = (
        Task("Export", "Reading the history", words),
        Progress(3, 9, (phrase("{it}", it=words),) * 40),
    )
    cards["progress"] = progress_card(task, running, NOW, NOW)
    cards["stopped"] = stopped_card(task)
    cards["suggestion"] = suggestion_card(words, "secrets", [Offer(words[:LONGEST_LINE])] * 2)
    cards["who"] = who_card([Person("id-1", words), Person("id-2", words)], words)
    cards["picker"] = picker_card(["a-key"], ["b-key"], ["team-*"], words)
    cards["substitute"] = substitute_card(words, "req-01jd7q3v9k", "event 7")
    cards["stuck: announcements"] = stuck_card([], 0, waiting=WaitingAnnouncements(3, NOW))
    for name, explained in EXPLANATIONS.items():
        cards[f"why: {name}"] = why_card(explanation_saying(words, explained))
    cards |= diagnosis_cards(words)
    for name, (orphan, event) in ORPHAN_EVENTS.items():
        said = replace(orphan, description=words)
        cards[f"orphan: {name}"] = orphan_card(said, event_saying(words, event), 2)
    for name, (schedule, event) in WATCH_EVENTS.items():
        named = replace(schedule, secret=words, vault_name=words)
        happened = replace(event, facts={**event.facts, "cause": words})
        cards[f"watch: {name}"] = watch_card(named, happened, 2)
    cards |= _policy_file_cards(words)
    cards |= _erasure_cards(words)
    cards |= _drill_cards(words)
    return cards | _rotation_cards(words) | history_cards(words)


def _own_cards(words: str) -> dict[str, Content]:
    outcomes = {
        f"outcome: {name}": outcome_card(
            saying(words, EVENTS[name][0]), event_saying(words, EVENTS[name][1])
        )
        for name in ("granted", "denied", "lapsed", "failed", "scheduled")
    }
    return outcomes | {
        f"own: {name}": own_card(saying(words, request), NOW)
        for name, request in {**REQUESTS, **REQUESTS_OF_SEVERAL}.items()
    }


def _erasure_cards(words: str) -> dict[str, Content]:
    cards = {
        f"erasure: {name}": erasure_card(ERASURE_ID, event_saying(words, change.events[0]), 2)
        for name, change in ERASURES.items()
    }
    return cards | {"erase": erase_card(Person(DANA.object_id, words), ERASURE_ID)}


def _drill_cards(words: str) -> dict[str, Content]:
    cards = {
        f"drill: {name}": drill_card(_drill_saying(words, drill)) for name, drill in DRILLS.items()
    }
    for name, (drill, event) in DRILL_EVENTS.items():
        told = _drill_saying(words, drill), event_saying(words, event)
        cards[f"drill audit: {name}"] = drill_audit_card(*told, 2)
    cards["drill: planned"] = drill_plan_card(_drill_saying(words, PLANNED))
    return cards


def _drill_saying(words: str, drill: Drill) -> Drill:
    return replace(
        drill,
        access=replace(saying(words, drill.access), cause=words),
        asked_by=drill.asked_by and _called(words, drill.asked_by),
        failure=drill.failure and reason_saying(words, drill.failure),
    )


def _policy_file_cards(words: str) -> dict[str, Content]:
    return {
        f"policy file: {name}": policy_file_card(file, policy_event_saying(words, event))
        for name, (file, event) in POLICY_FILE_EVENTS.items()
    }


def step_up_cards(words: str) -> dict[str, Content]:
    """Draw the cards about fresh sign-ins."""
    pending = saying(words, REQUESTS["pending"])
    wanted, asked = (saying(words, one) for one in (ABOUT_WINDOWS["extension asked"][0], pending))
    refused, event = EVENTS["sign-in refused"]
    return {
        "approval": approval_step_up_card(asked, LINK),
        "extension": extension_step_up_card(wanted, "source", LINK),
        "request": request_step_up_card((words,), LINK, emergency=False),
        "break glass": request_step_up_card((words,), LINK, emergency=True),
        "refused": own_refused_sign_in_card(saying(words, refused), event_saying(words, event)),
    }


LINK = "https://latchkey.contoso.com/sign-in/start?id=one"


def _rotation_cards(words: str) -> dict[str, Content]:
    cards = {
        f"rotation: {name}": rotation_card(rotation_saying(words, rotation), buttons=True)
        for name, rotation in ROTATIONS.items()
    }
    for name, (rotation, event) in ROTATION_EVENTS.items():
        told = rotation_saying(words, rotation), event_saying(words, event)
        cards[f"rotation audit: {name}"] = rotation_audit_card(*told, 7)
    for name, (rotation, event) in TOLD_TO_ADMIN.items():
        told = rotation_saying(words, rotation), event_saying(words, event)
        cards[f"rotation person: {name}"] = rotation_person_card(*told)
    for name, plan in PLANS.items():
        cards[f"plan: {name}"] = plan_card(plan_saying(words, plan), confirm="rot-01jd8b2m4t")
    cards["rotations"] = rotations_card([row_saying(words, row) for row in ROWS], 17, 1, MIDDLE)
    return cards


def a_form(words: str) -> RequestForm:
    return RequestForm(
        form_id="form-1",
        secrets=(words,),
        vaults=(words,),
        approvers=(words, words),
        shortest=timedelta(minutes=5),
        longest=timedelta(hours=4),
        typed=dict.fromkeys(INPUTS, words),
        error=words,
        start_within=timedelta(days=7),
    )


def saying(words: str, request: Request) -> Request:
    """Return the same request with ``words`` for every text in it that is not Latchkey's own."""
    return replace(
        request,
        requester=_called(words, request.requester),
        targets=called(words, request.targets),
        justification=words,
        terms=replace(
            request.terms,
            approvers=tuple(
                Person(person.object_id, words, words) for person in request.terms.approvers
            ),
            deciders=tuple(_principals(words) for _ in request.terms.deciders),
        ),
        approvals=tuple(
            replace(approval, approver=_called(words, approval.approver))
            for approval in request.approvals
        ),
        denial=request.denial
        and replace(
            request.denial,
            approver=request.denial.approver and _called(words, request.denial.approver),
            reason=request.denial.reason and words,
            refusal=request.denial.refusal and reason_saying(words, request.denial.refusal),
        ),
        approved_by_rule=request.approved_by_rule
        and replace(request.approved_by_rule, tables=(words,), conditions=words),
        background=Background(
            tuple(replace(one, secret=words) for one in KNOWN.asked_before),
            tuple(replace(one, vault=words, secrets=(words,)) for one in KNOWN.other_access),
        ),
        ended_by=request.ended_by and _called(words, request.ended_by),
        failure=request.failure and reason_saying(words, request.failure),
    )


def reason_saying(words: str, reason: Reason) -> Reason:
    """Return the same reason with ``words`` for every text in its parameters."""
    params: dict[str, Param] = {
        name: words if isinstance(value, str) else (words,) if isinstance(value, tuple) else value
        for name, value in reason.params.items()
    }
    return Reason(reason.code, params, tuple(reason_saying(words, part) for part in reason.parts))


def event_saying(words: str, event: Event) -> Event:
    """Return the same event with ``words`` for its actor's name and for every text in its facts."""
    return replace(
        event,
        actor=event.actor and _called(words, event.actor),
        facts={
            name: words if isinstance(value, str) else value for name, value in event.facts.items()
        },
    )


def _principals(words: str) -> Principals:
    people = (Person("id-1", words), Person("id-2", words))
    return Principals(people, (Group("id-3", words),))


def _called(words: str, actor: Actor) -> Actor:
    return replace(actor, name=words)
