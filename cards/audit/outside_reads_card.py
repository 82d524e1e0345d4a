"""Who read requestable secrets without a grant, according to the vaults' log."""

from collections.abc import Sequence

from microsoft_teams.cards import CardElement

from cards.access.parts import vault_log
from cards.access.parts.reads_section import not_asked
from cards.kit import text
from cards.kit.elements import Content, caption, card, header, heading, paragraph, run
from cards.kit.listing import and_more
from cards.kit.table import table
from cards.kit.times import day, utc
from cards.kit.tone import Tone
from cards.languages.texts import listed, number, say, say_count
from domain.access.reads import ReadsUnknown
from domain.audit.outside_reads import OutsideRead, OutsideReader, OutsideReads

_LONGEST_NAME = 40
_LONGEST_SECRET = 64
_LONGEST_VAULT = 24
_MOST_VAULTS = 5
_SHOWN = 10
_MOST_READS = 8


def outside_reads_card(reads: OutsideReads | ReadsUnknown) -> Content:
    """Draw who read without a grant: people first, applications apart from them."""
    if isinstance(reads, ReadsUnknown):
        unknown = header(say("Report"), say("Reads without a grant: not known"), Tone.WARNING)
        return card([unknown, paragraph(run(not_asked(reads)))])
    since = say("Since {time}", time=utc(reads.span.start))
    return card(
        [
            header(say("Report"), _status(reads), Tone.WARNING if reads.people else Tone.INFO),
            caption(since, "Medium"),
            *_table(say("Who"), reads.people),
            *_one_by_one(reads),
            *_table(say("By applications"), reads.applications),
            *_limits(reads),
        ]
    )


def _status(reads: OutsideReads) -> str:
    if reads.people:
        return say_count(
            "{count} reader without a grant", "{count} readers without a grant", len(reads.people)
        )
    if reads.applications:
        return say("Only applications read without a grant")
    return say("No read without a grant in the log so far")


def _table(title: str, readers: Sequence[OutsideReader]) -> list[CardElement]:
    if not readers:
        return []
    return [
        table(
            [title, say("Secret"), say("Reads"), say("Last read")],
            [_row(each) for each in readers[:_SHOWN]],
            foreign=2,
        ),
        *and_more(len(readers) - _SHOWN),
    ]


def _one_by_one(reads: OutsideReads) -> list[CardElement]:
    """List the newest reads by people, and say how many more there are."""
    shown = [one for one in reads.reads if one.person][:_MOST_READS]
    if not shown:
        return []
    lines = (paragraph(run(_read(one), size="Small"), spacing="None") for one in shown)
    return [heading(say("The newest reads")), *lines, *_more(reads, reads.count - len(shown))]


def _read(one: OutsideRead) -> str:
    named = text.line(text.name_of(one.person), _LONGEST_NAME) if one.person else ""
    secret = text.line(one.secret, _LONGEST_SECRET)
    return " · ".join([utc(one.at), named, vault_log.operation(one.operation), secret])


def _more(reads: OutsideReads, more: int) -> list[CardElement]:
    if more <= 0:
        return []
    if reads.is_whole and not reads.is_partial:
        said = say_count(
            "… and {count} more. {command} has each of them.",
            "… and {count} more. {command} has each of them.",
            more,
            command="export reads",
        )
    else:
        said = say_count(
            "… and at least {count} more. {command} has each of them.",
            "… and at least {count} more. {command} has each of them.",
            more,
            command="export reads",
        )
    return [caption(said, "Small")]


def _row(each: OutsideReader) -> list[str]:
    secret = text.line(each.secret, _LONGEST_SECRET)
    return [_who(each), secret, number(each.count), day(each.last)]


def _who(each: OutsideReader) -> str:
    if each.is_latchkey:
        return say("Latchkey itself")
    name = text.name_of(each.person) if each.person else each.application
    return text.line(name, _LONGEST_NAME) or say("unknown")


def _limits(reads: OutsideReads) -> list[CardElement]:
    """Say what the log can't show."""
    said: list[CardElement] = []
    if reads.silent:
        vaults = [text.line(vault, _LONGEST_VAULT) for vault in reads.silent[:_MOST_VAULTS]]
        nothing = say("The log has nothing at all of {vaults}.", vaults=listed(vaults))
        said.append(paragraph(run(nothing, subtle=True, size="Small")))
    if reads.is_partial:
        said.append(caption(vault_log.incomplete()))
    elif not reads.is_whole:
        said.append(caption(say("There is more in the log than I have looked at.")))
    known = say(
        "From the vaults' log, as far back as it goes. Reads after {time} may not be in it yet.",
        time=utc(reads.known_until),
    )
    return [*said, caption(known)]
