"""Findings of the doctor, and stuck workflows."""

from dataclasses import replace

from cards.kit.elements import Content
from cards.kit.listing import Paging
from cards.operations.doctor_card import doctor_card
from cards.operations.stuck_card import SetAside, stuck_card
from domain.access.request import Request
from domain.diagnosis import CheckStatus, Finding, broken, doubtful, good
from domain.phrases import phrase
from domain.reasons import as_written
from domain.reconciliation.orphan import Orphan
from domain.rotation.rotation import Rotation
from domain.rotation.schedule import ScheduledRotation
from tests.cards import orphan_scenarios as orphan_stories
from tests.cards import scenarios
from tests.cards.expiry_watch_scenarios import unwatched
from tests.cards.rotation_scenarios import ROTATIONS

FINDINGS: tuple[Finding, ...] = (
    good(phrase("Tables"), phrase("read and written")),
    doubtful(
        phrase("Approver {who}", who="robin@contoso.com"),
        phrase("is {name}, but has no chat with the bot", name="Robin Reviewer"),
        phrase("Let them install the app, or send it a message, so that it can write to them."),
    ),
    broken(
        phrase("Secrets of {vault}", vault="kv-demo"),
        phrase("{fault}", fault="Key Vault: 403 ForbiddenByRbac"),
        phrase(
            "Give the bot Key Vault Reader on {vault}; see the vault's firewall.", vault="kv-demo"
        ),
    ),
)
WELL: tuple[Finding, ...] = FINDINGS[:1]
WORTH_A_LOOK: tuple[Finding, ...] = FINDINGS[:2]

STUCK: tuple[Request | Orphan | Rotation | ScheduledRotation, ...] = (
    scenarios.stuck(),
    orphan_stories.stuck(),
    ROTATIONS["needs a human"],
    unwatched(),
)


def diagnosis_cards(words: str) -> dict[str, Content]:
    """Draw the findings with ``words`` for all text from people and Azure."""
    said = phrase("{words}", words=words)
    request = replace(
        scenarios.stuck(), targets=scenarios.called(words, scenarios.stuck().targets), cause=words
    )
    orphan = replace(orphan_stories.stuck(), description=words, cause=words)
    schedule = replace(unwatched(), secret=words, vault_name=words, look_cause=as_written(words))
    findings = [Finding(health, said, said, said) for health in CheckStatus]
    aside = SetAside("req-01jd7q3v9k", said)
    middle = Paging("10", "20")
    return {
        "doctor": doctor_card(findings, findings, middle),
        "stuck": stuck_card(
            [request, orphan, schedule], 3, [aside], before=10, paging=middle, tried=True
        ),
    }
