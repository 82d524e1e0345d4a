"""Which reads the vaults' log shows of a grant; it can't show that there were none."""

from microsoft_teams.cards import CardElement

from cards.access.parts import vault_log
from cards.kit import text
from cards.kit.azure_answers import describe_answer
from cards.kit.elements import caption, paragraph, run
from cards.kit.times import at_second_of, minute_of, second_of
from cards.languages.texts import say, say_count
from domain.access.reads import ReadOfGrant, ReadsSeen, ReadsUnknown, VersionReads

_MOST = 4
MOST_READS = 10
FEW_READS = 4
"""How many are listed below many events: a card has to fit into a message."""

_LONGEST_SECRET = 40
_LONGEST_CALLER = 36


def reads_section(
    reads: ReadsSeen | ReadsUnknown, request_id: str, most: int = MOST_READS
) -> list[CardElement]:
    """Draw what the log shows, and until when: by version, and the newest reads one by one."""
    title = paragraph(run(say("Reads"), bold=True), spacing="Medium")
    if isinstance(reads, ReadsUnknown):
        return [title, paragraph(run(not_asked(reads)), spacing="None")]
    lines = [_line(reads, each) for each in reads.versions[:_MOST]]
    if (more := len(reads.versions) - _MOST) > 0:
        lines.append(say_count("… and {count} more version", "… and {count} more versions", more))
    notes = notes_about(reads)
    return [
        title,
        *(paragraph(run(line), spacing="None") for line in lines or [_none(reads)]),
        *_one_by_one(reads, request_id, most),
        *(paragraph(run(note, subtle=True, size="Small"), spacing="Small") for note in notes),
    ]


def _one_by_one(reads: ReadsSeen, request_id: str, most: int) -> list[CardElement]:
    if not reads.reads:
        return []
    shown = reads.reads[:most]
    return [
        caption(say("The newest first:"), "Small"),
        *(paragraph(run(_read(reads, each), size="Small"), spacing="None") for each in shown),
        *_more(reads, len(reads.reads) - len(shown), request_id),
    ]


def _read(reads: ReadsSeen, each: ReadOfGrant) -> str:
    read = each.read
    parts = [
        second_of(read.at, reads.span.start),
        vault_log.operation(read.operation),
        say(
            "{secret}, version {version}",
            secret=vault_log.written(read.place.secret, _LONGEST_SECRET),
            version=text.short_version(read.version),
        ),
    ]
    if not each.is_by_holder:
        caller = vault_log.written(read.caller, _LONGEST_CALLER) or say("not known")
        parts.append(say("caller: {caller}", caller=caller))
    if each.is_by_grant is not None:
        parts.append(
            say("allowed by this grant") if each.is_by_grant else say("allowed by another role")
        )
    if each.is_late:
        parts.append(say("after the end"))
    return " · ".join(parts)


def _more(reads: ReadsSeen, more: int, request_id: str) -> list[CardElement]:
    """Say how many aren't listed, and where they are."""
    if more <= 0:
        return []
    command = f"export reads {request_id}"
    if reads.is_whole:
        said = say_count(
            "… and {count} more. An admin gets all of them with {command}.",
            "… and {count} more. An admin gets all of them with {command}.",
            more,
            command=command,
        )
    else:
        said = say_count(
            "… and at least {count} more. An admin gets all of them with {command}.",
            "… and at least {count} more. An admin gets all of them with {command}.",
            more,
            command=command,
        )
    return [paragraph(run(said, subtle=True, size="Small"), spacing="Small")]


def notes_about(reads: ReadsSeen) -> list[str]:
    """Say what else has to be known about the reads, in whole sentences."""
    notes = []
    if reads.late:
        notes.append(
            say_count(
                "{count} of them was after this grant ended: Azure can take up to 10 minutes to "
                "apply that, or another grant still allowed it.",
                "{count} of them were after this grant ended: Azure can take up to 10 minutes to "
                "apply that, or another grant still allowed it.",
                reads.late,
            )
        )
    if reads.by_other_role:
        notes.append(vault_log.by_other_role(reads.by_other_role))
    if reads.by_others:
        notes.append(vault_log.by_others(reads.by_others))
    if reads.of_other_secrets:
        notes.append(vault_log.of_other_secrets(reads.of_other_secrets))
    if reads.silent and reads.versions:
        notes.append(_silent(reads))
    if reads.is_partial:
        notes.append(vault_log.incomplete())
    elif not reads.is_whole:
        notes.append(say("There are earlier ones that aren't counted here."))
    if reads.known_until:
        notes.append(
            say(
                "Reads after {time} may not be in the log yet.",
                time=minute_of(reads.known_until, reads.span.start),
            )
        )
    return notes


def _line(reads: ReadsSeen, each: VersionReads) -> str:
    since = reads.span.start
    named = {
        "secret": vault_log.written(each.secret, _LONGEST_SECRET),
        "version": text.short_version(each.version),
    }
    first, last = second_of(each.first, since), second_of(each.last, since)
    at_first = at_second_of(each.first, since)
    if each.count == 1:
        return say("{secret}, version {version}: one read, {when}", **named, when=at_first)
    if first == last:
        return say(
            "{secret}, version {version}: {count} reads, {when}",
            **named,
            count=each.count,
            when=at_first,
        )
    return say(
        "{secret}, version {version}: {count} reads, from {first} to {last}",
        **named,
        count=each.count,
        first=first,
        last=last,
    )


def _none(reads: ReadsSeen) -> str:
    return _silent(reads) if reads.silent else vault_log.no_read_so_far()


def _silent(reads: ReadsSeen) -> str:
    return say(
        "The log has nothing at all of {vaults} at that time: it isn't sent there, or the log "
        "doesn't go back so far.",
        vaults=vault_log.named(reads.silent),
    )


def not_asked(unknown: ReadsUnknown) -> str:
    """Say that the log couldn't be asked, and why."""
    if answered := describe_answer(unknown.answer):
        return say("I couldn't ask the vault's log: Azure answered {answer}.", answer=answered)
    return say("I couldn't ask the vault's log just now.")
