"""What the vaults' log showed of a grant once it had caught up; not that nothing was read."""

from cards.access import vault_log
from cards.kit.elements import Sentence
from cards.kit.message import EventMessage, person, secrets_of
from cards.kit.sentences import sentence, together
from cards.kit.times import minute_of, utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.access.opened import part_opened
from domain.access.proof import ProofOfUse
from domain.access.request import Request


def proof_of(request: Request) -> Sentence:
    """Say which reads are on record; empty if the log wasn't asked, or hasn't been yet."""
    proof = request.proof
    if proof is None:
        return ()
    if not proof.is_known:
        return sentence("The vault's log couldn't be asked which reads there were.")
    if not proof.count:
        return _none(proof)
    return together(_reads(proof), _unseen(proof))


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


def _none(proof: ProofOfUse) -> Sentence:
    if proof.silent:
        return together(_unseen(proof))
    return together(vault_log.no_read())


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
