"""Who has had which access how often, and what of the rules nobody used."""

from collections.abc import Sequence
from datetime import datetime

from microsoft_teams.cards import CardElement

from cards.kit import text
from cards.kit.elements import Content, caption, card, header, paragraph, run
from cards.kit.times import age, duration, utc
from cards.kit.tone import Tone
from cards.languages.texts import listed, number, say, say_count
from domain.audit.access_review import AccessReview, Holding
from domain.audit.unused import PolicyRight, UnusedRight
from domain.phrases import mark

MOST_ROWS = 8
MOST_NAMES = 5

_NEVER = {
    PolicyRight.REQUEST: mark("Named to request, never asked"),
    PolicyRight.APPROVE: mark("Named to approve, never decided"),
    PolicyRight.BREAK_GLASS: mark("Named for break-glass access, never used it"),
}


def access_review_card(review: AccessReview, *, file_follows: bool) -> Content:
    """Draw the most frequent access, and the unused rules and rights."""
    lasts = duration(review.period.until - review.period.since)
    title = say("Access review · the last {duration}", duration=lasts)
    body: list[CardElement] = [header(title, _status(review), Tone.INFO)]
    for one in review.holdings[:MOST_ROWS]:
        body += _drawn(one)
    body += _more(len(review.holdings) - MOST_ROWS)
    names = [text.id_of(rule.name) for rule in review.unused_rules]
    body += _names(say("Rules that nobody had access by"), names)
    for right, label in _NEVER.items():
        body += _names(
            say(label), [_who(one) for one in review.unused_rights if _is_of(one, right)]
        )
    unknown = [text.line(who, text.LONGEST_NAME) for who in review.unknown]
    body += _names(say("Couldn't be looked up"), unknown)
    body.append(caption(_coverage(review), "Large"))
    if file_follows:
        body.append(caption(say("The file has all of it."), "None"))
    else:
        body.append(caption(say("In our personal chat, it's also a file."), "None"))
    return card(body)


def _status(review: AccessReview) -> str:
    people = {one.person.object_id for one in review.holdings}
    secrets = {(one.vault, one.secret) for one in review.holdings}
    if not people:
        return say("Nobody had access")
    return say(
        "{people}, {secrets}",
        people=say_count("{count} person", "{count} people", len(people)),
        secrets=say_count("{count} secret", "{count} secrets", len(secrets)),
    )


def _drawn(one: Holding) -> list[CardElement]:
    return [
        paragraph(
            run(text.name_of(one.person), bold=True),
            run(": "),
            run(text.id_of(one.secret), bold=True),
            run(" "),
            run(say("in {vault}", vault=text.id_of(one.vault)), subtle=True),
            spacing="Medium",
        ),
        paragraph(run(" ".join(_facts(one)), size="Small"), spacing="None"),
    ]


def _facts(one: Holding) -> list[str]:
    """Return what is known of a holding, each as a sentence."""
    broken = say_count(
        "Break-glass access: {count} time.", "Break-glass access: {count} times.", one.broke_glass
    )
    by_rule = say_count(
        "Approved by rule: {count} time.", "Approved by rule: {count} times.", one.by_rule
    )
    whole = say_count(
        "The whole vault: {count} time.", "The whole vault: {count} times.", one.whole_vault
    )
    return [
        _granted(one.granted, one.last_granted),
        *([broken] if one.broke_glass else []),
        *([by_rule] if one.by_rule else []),
        _held(one),
        *([whole] if one.whole_vault else []),
        *_approved(one),
        *([] if one.rule else [say("No rule covers it now.")]),
    ]


def _granted(count: int, last: datetime | None) -> str:
    if last is None:
        return say("Granted before this period.")
    return say_count(
        "Granted {count} time, last {moment}.",
        "Granted {count} times, last {moment}.",
        count,
        moment=utc(last),
    )


def _held(one: Holding) -> str:
    length = age(one.held) if one.held.days else duration(one.held)
    if one.is_held_now:
        return say("Held for {duration}, and now.", duration=length)
    return say("Held for {duration}.", duration=length)


def _approved(one: Holding) -> list[str]:
    if one.approver is None:
        return []
    who = text.name_of(one.approver)
    return [say("Approved most often by {who} ({count}).", who=who, count=one.approved)]


def _more(count: int) -> list[CardElement]:
    said = say_count("… and {count} more, in the file.", "… and {count} more, in the file.", count)
    return [caption(said, "Medium")] if count > 0 else []


def _names(label: str, names: Sequence[str]) -> list[CardElement]:
    if not names:
        return []
    shown = names[:MOST_NAMES]
    rest = len(names) - len(shown)
    more = say_count(
        "{names}, and {count} more, in the file",
        "{names}, and {count} more, in the file",
        rest,
        names=", ".join(shown),
    )
    said = more if rest else listed(shown)
    return [
        caption(say("{title}: {said}", title=label, said=number(len(names))), "Medium"),
        paragraph(run(said), spacing="None"),
    ]


def _is_of(one: UnusedRight, right: PolicyRight) -> bool:
    return one.right is right and one.is_never_used


def _who(one: UnusedRight) -> str:
    name = text.line(one.name, text.LONGEST_NAME)
    if not one.is_known:
        return say("{name} (not in the directory)", name=name)
    return say("the group {name}", name=name) if one.is_group else name


def _coverage(review: AccessReview) -> str:
    period = say(
        "From {since} to {until}.", since=utc(review.period.since), until=utc(review.period.until)
    )
    read = say_count(
        "{count} request made since {since} was read.",
        "{count} requests made since {since} were read.",
        review.requests,
        since=utc(review.read_since),
    )
    unreadable = say_count(
        "{count} couldn't be read and isn't counted.",
        "{count} couldn't be read and aren't counted.",
        review.unreadable,
    )
    return " ".join([period, read, *([unreadable] if review.unreadable else [])])
