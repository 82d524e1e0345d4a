"""What is on record of a grant's reads, as messages say it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cards.access.messages.proof_messages import proof_of
from cards.kit.sentences import plain_text
from domain.access.proof import ProofOfUse, ProvenReads
from tests.cards.scenarios import NOW
from tests.support.builders import a_request

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def said(proof: ProofOfUse) -> str:
    return plain_text(proof_of(replace(a_request(), proof=proof)))


def test_a_vault_without_a_log_is_named_beside_the_reads_of_another() -> None:
    proof = ProofOfUse(is_known=True, count=1, first=AT, last=AT, silent=("other-vault",))

    assert said(proof) == (
        "The vault's log shows one read, on 2 Mar 2026, 09:30 UTC. The log has nothing at all of "
        "other-vault, so it doesn't show what was read there."
    )


def test_a_count_that_is_not_whole_says_so() -> None:
    proof = ProofOfUse(is_known=True, count=1_000, last=AT)

    assert not proof.is_whole
    assert said(proof) == (
        "The vault's log shows 1,000 reads and more, the last one on 2 Mar 2026, 09:30 UTC."
    )


@pytest.mark.parametrize(
    ("last", "shown"),
    [
        (NOW, "The vault's log shows 3 reads, on 21 Nov 2026, 14:05 UTC."),
        (
            NOW + 20 * timedelta(minutes=1),
            "The vault's log shows 3 reads, from 21 Nov 2026, 14:05 UTC to 14:25 UTC.",
        ),
        (
            NOW + timedelta(days=1),
            "The vault's log shows 3 reads, from 21 Nov 2026, 14:05 UTC to 22 Nov 2026, 14:05 UTC.",
        ),
    ],
)
def test_a_time_is_said_once(last: datetime, shown: str) -> None:
    proof = ProofOfUse(is_known=True, count=3, first=NOW, last=last)

    assert said(proof) == shown


READS = ProvenReads(
    secret="demo-api-key", count=3, first=NOW, last=NOW, operations=("SecretBackup", "SecretGet")
)
MINUTE = timedelta(minutes=1)


def test_the_operations_are_named() -> None:
    proof = ProofOfUse(is_known=True, count=3, first=NOW, last=NOW, secrets=(READS,))

    assert said(proof) == (
        "The vault's log shows 3 reads, on 21 Nov 2026, 14:05 UTC. "
        "Operations: SecretBackup and SecretGet."
    )


def test_each_of_several_secrets_has_its_own_count_times_and_operations() -> None:
    other = ProvenReads(
        secret="app-key", count=1, first=NOW, last=NOW + MINUTE, operations=("SecretGet",)
    )
    longer = replace(READS, last=NOW + 9 * MINUTE)
    proof = ProofOfUse(
        is_known=True, count=4, first=NOW, last=NOW + 9 * MINUTE, secrets=(longer, other)
    )
    cut = replace(
        proof,
        first=None,
        secrets=tuple(replace(one, first=None) for one in proof.secrets),
    )

    assert said(proof) == (
        "The vault's log shows 4 reads, from 21 Nov 2026, 14:05 UTC to 14:14 UTC. "
        "demo-api-key: 3 reads, from 21 Nov 2026, 14:05 UTC to 14:14 UTC "
        "(SecretBackup and SecretGet). "
        "app-key: one read, on 21 Nov 2026, 14:06 UTC (SecretGet)."
    )
    assert said(cut) == (
        "The vault's log shows 4 reads and more, the last one on 21 Nov 2026, 14:14 UTC. "
        "demo-api-key: 3 reads and more, the last one on 21 Nov 2026, 14:14 UTC "
        "(SecretBackup and SecretGet). "
        "app-key: 1 reads and more, the last one on 21 Nov 2026, 14:06 UTC (SecretGet)."
    )


def test_very_many_secrets_are_counted() -> None:
    proof = ProofOfUse(is_known=True, count=21, first=NOW, last=NOW, secrets=(READS,) * 7)

    assert said(proof).endswith("2 more secrets were read.")


def test_what_the_grant_did_not_allow_and_what_may_be_missing_is_said() -> None:
    proof = ProofOfUse(
        is_known=True,
        count=3,
        last=NOW,
        secrets=(READS,),
        by_other_role=1,
        by_others=2,
        of_other_secrets=1,
        is_partial=True,
    )

    assert said(proof).partition("SecretGet. ")[2] == (
        "1 of them was allowed by another role assignment, not by this grant's. "
        "2 of them have another caller in the log, or none. "
        "1 of them was of a secret that wasn't requested: the grant opened the whole vault. "
        "The log's answer was incomplete, so reads may be missing."
    )


def test_a_log_without_reads_proves_nothing_and_says_when_it_was_asked() -> None:
    assert said(ProofOfUse(is_known=True, asked_at=NOW)) == (
        "On 21 Nov 2026, 14:05 UTC, the vault's log showed no read, which doesn't prove that "
        "there was none."
    )
    assert said(ProofOfUse(is_known=True, is_partial=True)) == (
        "The vault's log showed no read, which doesn't prove that there was none. "
        "The log's answer was incomplete, so reads may be missing."
    )
