"""Who has had which access how often, and what of the rules nobody used."""

from collections.abc import Sequence

from microsoft_teams.cards import CardElement

from cards.kit import text
from cards.kit.elements import Content, caption, card, header, paragraph, run
from cards.kit.times import age, utc
from cards.kit.tone import Tone
from domain.audit.access_review import AccessReview, Holding
from domain.audit.unused import PolicyRight, UnusedRight
from domain.durations import format_duration
from domain.names import listed

MOST_ROWS = 8
MOST_NAMES = 5

_NEVER = {
    PolicyRight.REQUEST: "Named to request, never asked",
    PolicyRight.APPROVE: "Named to approve, never decided",
    PolicyRight.BREAK_GLASS: "Named for break-glass access, never used it",
}


def access_review_card(review: AccessReview, *, file_follows: bool) -> Content:
    """Draw the most frequent access, and the unused rules and rights."""
    lasts = format_duration(review.period.until - review.period.since)
    body: list[CardElement] = [
        header(f"Access review · the last {lasts}", _status(review), Tone.INFO)
    ]
    for one in review.holdings[:MOST_ROWS]:
        body += _drawn(one)
    body += _more(len(review.holdings) - MOST_ROWS)
    names = [text.id_of(rule.name) for rule in review.unused_rules]
    body += _names("Rules that nobody had access by", names)
    for right, label in _NEVER.items():
        body += _names(label, [_who(one) for one in review.unused_rights if _is_of(one, right)])
    body += _names(
        "Couldn't be looked up", [text.line(who, text.LONGEST_NAME) for who in review.unknown]
    )
    body.append(caption(_coverage(review), "Large"))
    where = "The file has all of it." if file_follows else "In our personal chat, it's also a file."
    body.append(caption(where, "None"))
    return card(body)


def _status(review: AccessReview) -> str:
    people = {one.person.object_id for one in review.holdings}
    secrets = {(one.vault, one.secret) for one in review.holdings}
    if not people:
        return "Nobody had access"
    return f"{_count(len(people), 'person', 'people')}, {_count(len(secrets), 'secret')}"


def _drawn(one: Holding) -> list[CardElement]:
    return [
        paragraph(
            run(text.name_of(one.person), bold=True),
            run(": "),
            run(text.id_of(one.secret), bold=True),
            run(f" in {text.id_of(one.vault)}", subtle=True),
            spacing="Medium",
        ),
        paragraph(run(f"{'. '.join(_facts(one))}.", size="Small"), spacing="None"),
    ]


def _facts(one: Holding) -> list[str]:
    granted = _count(one.granted, "time") if one.granted else "before this period"
    return [
        f"Granted {granted}" + (f", last {utc(one.last_granted)}" if one.last_granted else ""),
        *([f"Break-glass access: {_count(one.broke_glass, 'time')}"] if one.broke_glass else []),
        *([f"Approved by rule: {_count(one.by_rule, 'time')}"] if one.by_rule else []),
        f"Held for {_held(one)}" + (", and now" if one.is_held_now else ""),
        *([f"The whole vault: {_count(one.whole_vault, 'time')}"] if one.whole_vault else []),
        *_approved(one),
        *([] if one.rule else ["No rule covers it now"]),
    ]


def _held(one: Holding) -> str:
    return age(one.held) if one.held.days else format_duration(one.held)


def _approved(one: Holding) -> list[str]:
    if one.approver is None:
        return []
    return [f"Approved most often by {text.name_of(one.approver)} ({one.approved:,})"]


def _more(count: int) -> list[CardElement]:
    return [caption(f"… and {count:,} more, in the file.", "Medium")] if count > 0 else []


def _names(label: str, names: Sequence[str]) -> list[CardElement]:
    if not names:
        return []
    shown = names[:MOST_NAMES]
    rest = len(names) - len(shown)
    more = f", and {rest:,} more, in the file" if rest else ""
    said = ", ".join(shown) + more if more else listed(shown)
    return [caption(f"{label}: {len(names):,}", "Medium"), paragraph(run(said), spacing="None")]


def _is_of(one: UnusedRight, right: PolicyRight) -> bool:
    return one.right is right and one.is_never_used


def _who(one: UnusedRight) -> str:
    name = text.line(one.name, text.LONGEST_NAME)
    return name if one.is_known else f"{name} (not in the directory)"


def _coverage(review: AccessReview) -> str:
    said = (
        f"From {utc(review.period.since)} to {utc(review.period.until)}. "
        f"{_count(review.requests, 'request')} made since {utc(review.read_since)} "
        f"{'was' if review.requests == 1 else 'were'} read."
    )
    if review.unreadable:
        said += f" {review.unreadable:,} couldn't be read and aren't counted."
    return said


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number:,} {one if number == 1 else several or one + 's'}"
