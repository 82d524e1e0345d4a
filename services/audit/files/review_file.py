"""An access review as a file: every row of it, and every unused rule and right."""

from collections.abc import Iterator
from typing import Any

from domain.audit.access_review import AccessReview, Holding
from domain.audit.unused import UnusedRight
from domain.policies.rule import Rule
from services.audit.files.csv_file import csv_of
from services.audit.files.export import Export

_COLUMNS = (
    "about",
    "person",
    "person_id",
    "secret",
    "vault",
    "rule",
    "right",
    "times_granted",
    "of_these_break_glass",
    "of_these_by_rule",
    "of_these_whole_vault",
    "last_granted_at",
    "hours_held",
    "held_now",
    "approved_most_by",
    "approved_most_by_id",
    "approved_most_times",
    "note",
    "period_from",
    "period_to",
)


def review_file(review: AccessReview) -> Export:
    """Write a review as CSV; the column ``about`` says what a row is about."""
    period = {
        "period_from": review.period.since.isoformat(timespec="seconds"),
        "period_to": review.period.until.isoformat(timespec="seconds"),
    }
    body = csv_of(_COLUMNS, (row | period for row in _rows(review)))
    name = f"latchkey-access-review-{review.period.until:%Y%m%d-%H%M%S}.csv"
    return Export(name, body, review.requests, is_whole=not review.unreadable)


def _rows(review: AccessReview) -> Iterator[dict[str, Any]]:
    yield from map(_access, review.holdings)
    yield from map(_unused_rule, review.unused_rules)
    for right in review.unused_rights:
        yield from _unused_right(right)
    for who in review.unknown:
        yield {"about": "not checked", "person": who, "note": "couldn't be looked up"}
    yield {"about": "coverage", "note": _coverage(review)}


def _access(one: Holding) -> dict[str, Any]:
    approver = one.approver
    return {
        "about": "access",
        "person": one.person.name,
        "person_id": one.person.object_id,
        "secret": one.secret,
        "vault": one.vault,
        "rule": one.rule,
        "times_granted": one.granted,
        "of_these_break_glass": one.broke_glass,
        "of_these_by_rule": one.by_rule,
        "of_these_whole_vault": one.whole_vault,
        "last_granted_at": one.last_granted.isoformat(timespec="seconds")
        if one.last_granted
        else "",
        "hours_held": f"{one.held.total_seconds() / 3600:.2f}",
        "held_now": "yes" if one.is_held_now else "no",
        "approved_most_by": approver.name if approver else "",
        "approved_most_by_id": approver.object_id if approver else "",
        "approved_most_times": one.approved or "",
        "note": "" if one.rule else "no rule covers this secret now",
    }


def _unused_rule(rule: Rule) -> dict[str, Any]:
    return {"about": "unused rule", "rule": rule.name, "note": "nobody had access by it"}


def _is_known_group(right: UnusedRight) -> bool:
    return right.is_group and right.is_known


def _unused_right(right: UnusedRight) -> Iterator[dict[str, Any]]:
    for rule in right.rules:
        yield {
            "about": "unused right",
            "person": f"the group {right.name}" if _is_known_group(right) else right.name,
            "rule": rule,
            "right": str(right.right),
            "note": "" if right.is_known else "not in the directory",
        }


def _coverage(review: AccessReview) -> str:
    read = f"{review.requests} requests made since {review.read_since:%Y-%m-%d} were read"
    return f"{read}; {review.unreadable} couldn't be read" if review.unreadable else read
