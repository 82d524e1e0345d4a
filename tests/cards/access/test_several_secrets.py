"""A request for several secrets, on every card that shows it."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.approvals_card import approvals_card
from cards.access.end_card import end_card
from cards.access.event_card import audit_card, audit_summary, requester_card, requester_summary
from cards.access.forms.request_form import RequestForm, request_form
from cards.access.my_access_card import my_access_card
from cards.access.parts.scope import describe_scope
from cards.access.request_card import request_card
from cards.access.review_card import review_card
from cards.access.window_card import approver_card, warning_card
from cards.audit.event_lines import subject_of
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.operations.stuck_card import stuck_card
from cards.reasons.sentences import sentence_of
from domain.access.assignment import End
from domain.access.request import Request
from domain.access.rules.policy import JustificationRule
from domain.access.target import Target
from domain.access.transitions import changes as change
from domain.refusals.requests import OfSeveral
from domain.refusals.secrets import NotRequestable
from domain.workflow import Event
from tests.cards.reading_cards import texts, whole_text
from tests.cards.scenarios import HOUR, VAULT_ID, a_target, minutes
from tests.cards.several_scenarios import (
    EVENTS_OF_SEVERAL,
    LONG,
    REQUESTS_OF_SEVERAL,
    TEN,
    TEN_ALONE,
    THREE,
    active,
    revoking,
    stuck,
)

NAMES_OF_THREE = ("demo-api-key", "app-api-key", "payments-api-key")
TOLD = (
    "three, granted, one left out",
    "three, granted",
    "three, revoked",
    "three, stuck",
    "ten alone, granted",
)
A, B = VAULT_ID, VAULT_ID.replace("kv-demo", "kv-b")


@pytest.mark.parametrize("request_", REQUESTS_OF_SEVERAL.values(), ids=REQUESTS_OF_SEVERAL.keys())
def test_each_state_is_drawn_as_before(request_: Request, card_snapshot: SnapshotAssertion) -> None:
    assert request_card(request_, buttons=True) == card_snapshot


@pytest.mark.parametrize("name", EVENTS_OF_SEVERAL)
def test_the_audit_message_is_drawn_as_before(name: str, card_snapshot: SnapshotAssertion) -> None:
    scenario = EVENTS_OF_SEVERAL[name]

    assert {"summary": audit_summary(*scenario), "card": audit_card(*scenario, 3)} == card_snapshot


@pytest.mark.parametrize("name", TOLD)
def test_the_requesters_message_is_drawn_as_before(
    name: str, card_snapshot: SnapshotAssertion
) -> None:
    scenario = EVENTS_OF_SEVERAL[name]

    assert {
        "summary": requester_summary(*scenario),
        "card": requester_card(*scenario),
    } == card_snapshot


def test_the_form_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    form = RequestForm(
        form_id="form-1",
        secrets=LONG,
        vaults=("kv-demo", "kv-payments-westeurope"),
        approvers=("Ada Approver", "Bo Backup"),
        shortest=HOUR / 12,
        longest=4 * HOUR,
        rules=(JustificationRule(), JustificationRule(ticket="INC", hint="INC1234")),
    )

    assert request_form(form) == card_snapshot


@pytest.mark.parametrize(("request_", "names"), [(THREE, NAMES_OF_THREE), (TEN, LONG)])
def test_every_card_of_a_request_names_all_its_secrets(
    request_: Request, names: tuple[str, ...]
) -> None:
    warned = _event("expires_soon", request_)
    drawn = [
        request_card(request_, buttons=True),
        my_access_card([request_], 0, minutes(10), reader=request_.holder.object_id),
        approvals_card([request_], 0, minutes(10)),
        stuck_card([stuck(request_)], 0),
        end_card(active(request_)),
        warning_card(active(request_), warned),
        approver_card(active(request_), _event("reminded", request_)),
        review_card(request_, _event("broke_glass", request_), buttons=True),
        *(audit_card(active(request_), _event(kind, request_), 3) for kind in ("ended", "granted")),
        requester_card(active(request_), _event("granted", request_)),
    ]

    for content in drawn:
        for name in names:
            assert name in whole_text(content)
    for name in names:
        assert name in subject_of(request_)


def test_the_grantee_sees_how_to_read_each_secret() -> None:
    told = requester_card(*EVENTS_OF_SEVERAL["ten alone, granted"])

    commands = [text for text in texts(told) if text.startswith("az keyvault secret show")]
    assert commands == [
        f"az keyvault secret show --vault-name kv-demo --name {name} --query value --output tsv"
        for name in LONG
    ]
    assert [action["title"] for action in told["actions"]] == ["I'm done"]


def test_each_command_has_its_portal_link() -> None:
    told = requester_card(*EVENTS_OF_SEVERAL["three, granted"])

    assert [url.rpartition("/asset/")[2] for url in _links(told)] == [
        f"Microsoft_Azure_KeyVault/Secret/https://{vault}.vault.azure.net/secrets/{name}"
        for vault, name in zip(
            ("kv-demo", "kv-demo", "kv-payments-westeurope"), NAMES_OF_THREE, strict=True
        )
    ]


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        ([a_target("a"), a_target("b")], "The whole vault: 37 secrets"),
        (
            [a_target("a", exposes=None), a_target("b", exposes=None)],
            "The whole vault; its secrets couldn't be counted",
        ),
        ([a_target("a", scope=f"{A}/secrets/a")], "Only this secret"),
        (
            [a_target("a", scope=f"{A}/secrets/a"), a_target("b", scope=f"{B}/secrets/b")],
            "Only these 2 secrets",
        ),
        (
            [a_target("a"), a_target("b", vault="kv-b", scope=B, exposes=1)],
            "38 secrets in all: kv-demo as a whole (37) and kv-b as a whole (1)",
        ),
        (
            [a_target("a"), a_target("b", vault="kv-b", scope=f"{B}/secrets/b", exposes=1)],
            "38 secrets in all: kv-demo as a whole (37) and 1 secret individually",
        ),
        (
            [a_target("a"), a_target("b", scope=f"{A}/secrets/b", exposes=1)],
            "The whole vault: 37 secrets",
        ),
        (
            [a_target("a", exposes=None), a_target("b", vault="kv-b", scope=B, exposes=4)],
            "At least 4 secrets in all: kv-demo as a whole (not counted) and kv-b as a whole (4)",
        ),
    ],
)
def test_opened_secrets_are_counted_over_all_scopes(targets: list[Target], said: str) -> None:
    assert describe_scope(targets) == said


def test_a_blocked_request_names_all_its_secrets_however_many() -> None:
    names = [f"{number}-{'x' * 120}" for number in range(10)]
    refusal = OfSeveral({name: NotRequestable(name) for name in names})

    seen = whole_text(notice(sentence_of(refusal), Tone.WARNING))

    for name in names:
        assert seen.count(name) == 2


def _event(kind: str, request: Request) -> Event:
    return Event(kind, request.requested_at, request.requester, {})


def _links(tree: object) -> list[str]:
    if isinstance(tree, list):
        return [link for one in tree for link in _links(one)]
    if isinstance(tree, dict):
        own = [str(tree["selectAction"]["url"])] if "selectAction" in tree else []
        return own + [link for one in tree.values() for link in _links(one)]
    return []


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (1, "1 of them stays for now, because another grant still uses it;"),
        (2, "2 of them stay for now, because another grant still uses them;"),
    ],
)
def test_the_role_assignments_that_stay_are_counted(kept: int, said: str) -> None:
    ends = [End(shared=number < kept, found=True) for number in range(3)]
    ended = change.revoke(revoking(TEN_ALONE), ends, minutes(96))

    assert said in audit_summary(ended.head, ended.events[0])
