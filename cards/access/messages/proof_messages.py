"""What the vaults' log showed of a grant once it had caught up; not that nothing was read."""

from collections.abc import Sequence

from cards.access.parts import vault_log
from cards.kit import text
from cards.kit.elements import Sentence
from cards.kit.message import EventMessage, person, secrets_of
from cards.kit.sentences import sentence, together
from cards.kit.times import minute_of, utc
from cards.kit.tone import Tone
from cards.languages.texts import listed, say, say_count
from domain.access.proof import ProofOfUse, ProvenReads
from domain.access.request import Request
from domain.access.transitions.opened import part_opened

_MOST_SECRETS = 5


def proof_of(request: Request) -> Sentence:
    """Say which reads are on record; empty if the log wasn't asked, or hasn't been yet."""
    proof = request.proof
    if proof is None:
        return ()
    if not proof.is_known:
        return sentence("The vault's log couldn't be asked which reads there were.")
    if not proof.count:
        return _none(proof)
    return together(_reads(proof), *_by_secret(proof), *_notes(proof), _unseen(proof))


def _reads(proof: ProofOfUse) -> str:
    if not proof.first or not proof.last:
        last = utc(proof.last) if proof.last else say("not known")
        return say(
            "The vault's log shows {count} reads and more, the last one on {last}.",
            count=proof.count,
            last=last,
        )
    if proof.count == 1:
        return say("The vault's log shows one read, on {time}.", time=utc(proof.first))
    first, last = utc(proof.first), minute_of(proof.last, proof.first)
    if first == utc(proof.last):
        return say("The vault's log shows {count} reads, on {time}.", count=proof.count, time=first)
    return say(
        "The vault's log shows {count} reads, from {first} to {last}.",
        count=proof.count,
        first=first,
        last=last,
    )


def _by_secret(proof: ProofOfUse) -> list[str]:
    """Say how each of several secrets was read, and how the only one was."""
    if len(proof.secrets) == 1:
        return [say("Operations: {operations}.", operations=_operations(proof.operations))]
    lines = [_of_secret(one) for one in proof.secrets[:_MOST_SECRETS]]
    if (more := len(proof.secrets) - _MOST_SECRETS) > 0:
        lines.append(
            say_count("{count} more secret was read.", "{count} more secrets were read.", more)
        )
    return lines


def _of_secret(one: ProvenReads) -> str:
    secret, operations = text.id_of(one.secret), _operations(one.operations)
    if one.first is None:
        return say(
            "{secret}: {count} reads and more, the last one on {last} ({operations}).",
            secret=secret,
            count=one.count,
            last=utc(one.last),
            operations=operations,
        )
    if one.count == 1:
        return say(
            "{secret}: one read, on {time} ({operations}).",
            secret=secret,
            time=utc(one.last),
            operations=operations,
        )
    return say(
        "{secret}: {count} reads, from {first} to {last} ({operations}).",
        secret=secret,
        count=one.count,
        first=utc(one.first),
        last=minute_of(one.last, one.first),
        operations=operations,
    )


def _operations(names: Sequence[str]) -> str:
    return listed([vault_log.operation(name) for name in names])


def _notes(proof: ProofOfUse) -> list[str]:
    notes = []
    if proof.by_other_role:
        notes.append(vault_log.by_other_role(proof.by_other_role))
    if proof.by_others:
        notes.append(vault_log.by_others(proof.by_others))
    if proof.of_other_secrets:
        notes.append(vault_log.of_other_secrets(proof.of_other_secrets))
    if proof.is_partial:
        notes.append(vault_log.incomplete())
    return notes


def _none(proof: ProofOfUse) -> Sentence:
    if proof.silent:
        return together(_unseen(proof))
    return together(vault_log.no_read_at(proof.asked_at), *_notes(proof))


def _unseen(proof: ProofOfUse) -> str:
    if not proof.silent:
        return ""
    return say(
        "The log has nothing at all of {vaults}, so it doesn't show what was read there.",
        vaults=vault_log.named(proof.silent),
    )


def reads_seen(request: Request) -> EventMessage:
    """Write the audit message about what the log showed."""
    return EventMessage(
        title=say("Reads under the grant"),
        tone=Tone.QUIET,
        sentence=together(
            sentence(
                "{who} had access to {secrets}.",
                who=person(request.holder),
                secrets=secrets_of(part_opened(request)),
            ),
            proof_of(request),
        ),
    )
