"""Which reads the vaults' log shows of a grant; it can't show that there were none."""

from microsoft_teams.cards import CardElement

from cards.access import vault_log
from cards.kit import text
from cards.kit.azure_answers import describe_answer
from cards.kit.elements import paragraph, run
from cards.kit.times import minute_of, second_of
from cards.languages.texts import say, say_count
from domain.access.reads import ReadsSeen, ReadsUnknown, VersionReads

_MOST = 5


def reads_section(reads: ReadsSeen | ReadsUnknown) -> list[CardElement]:
    """Draw what the log shows, and until when."""
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
        *(paragraph(run(note, subtle=True, size="Small"), spacing="Small") for note in notes),
    ]


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
        notes.append(
            say_count(
                "{count} of them was allowed by another role assignment, not by this grant's.",
                "{count} of them were allowed by another role assignment, not by this grant's.",
                reads.by_other_role,
            )
        )
    if reads.silent and reads.versions:
        notes.append(_silent(reads))
    if not reads.is_whole:
        notes.append(say("There may be earlier ones that aren't listed here."))
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
        "secret": text.line(each.secret, text.LONGEST_NAME),
        "version": text.short_version(each.version),
    }
    first, last = second_of(each.first, since), second_of(each.last, since)
    if each.count == 1:
        return say("{secret}, version {version}: one read, at {time}", **named, time=first)
    if first == last:
        return say(
            "{secret}, version {version}: {count} reads, at {time}",
            **named,
            count=each.count,
            time=first,
        )
    return say(
        "{secret}, version {version}: {count} reads, from {first} to {last}",
        **named,
        count=each.count,
        first=first,
        last=last,
    )


def _none(reads: ReadsSeen) -> str:
    return _silent(reads) if reads.silent else vault_log.no_read()


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
