"""Events of the policy file, by name."""

from dataclasses import replace

from domain.policies.differences import REQUESTABLE, Difference
from domain.policies.fields import Plain
from domain.policies.record import recorded
from domain.policy_file import changes
from domain.policy_file.announcements import policy_file_announcements
from domain.policy_file.file import PolicyFile
from domain.workflow import Event
from tests.cards.scenarios import minutes
from tests.support.builders import ADA, in_directory

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def a_difference(
    field: str, before: Plain, after: Plain, *secrets: str, widens: bool = True
) -> Difference:
    return Difference(secrets=secrets, field=field, before=before, after=after, widens=widens)


CHANGES = (
    a_difference("approvers", ("avery@x",), ("avery@x", "robin@x"), "payments-api-key"),
    a_difference("longest", 14_400, 28_800, "demo-api-key", "app-api-key"),
    a_difference(REQUESTABLE, True, False, "old-api-key", widens=False),
)
_FIRST = changes.adopt(None, "0" * 64, minutes(0), four_eyes=True)
_ADOPTED = changes.adopt(_FIRST.head, DIGEST, minutes(1), CHANGES)
_REFUSED = changes.refuse(_FIRST.head, DIGEST, ["line 3: no", "line 4: no"], minutes(1))
_WAITS = changes.wait(_FIRST.head, DIGEST, minutes(1), CHANGES, [in_directory(ADA)], four_eyes=True)
_REFUSED_MEANWHILE = changes.refuse(_WAITS.head, "1" * 64, ["line 3: no"], minutes(2))
_ENDS = {
    "accepted": changes.accept(_WAITS.head, ADA, minutes(2)),
    "rejected": changes.reject(_WAITS.head, ADA, minutes(2)),
    "withdrawn": changes.adopt(_WAITS.head, "1" * 64, minutes(2), ()),
}


def _shown(*events: Event) -> Event:
    """Return a wait's event as its messages show it after these events."""
    shown = policy_file_announcements(events)[0].event
    assert shown
    return shown


POLICY_FILE_EVENTS: dict[str, tuple[PolicyFile, Event]] = {
    "adopted": (_ADOPTED.head, _ADOPTED.events[0]),
    "refused": (_REFUSED.head, _REFUSED.events[0]),
    "refused while another waits": (_REFUSED_MEANWHILE.head, _REFUSED_MEANWHILE.events[0]),
    "waits": (_WAITS.head, _WAITS.events[0]),
    **{name: (end.head, end.events[0]) for name, end in _ENDS.items()},
    **{
        f"waited, {name}": (end.head, _shown(_WAITS.events[0], end.events[0]))
        for name, end in _ENDS.items()
    },
}
"""What the audit channel and the admins see."""


def policy_event_saying(words: str, event: Event) -> Event:
    """Return the same event with ``words`` for every text in it that is not Latchkey's own."""
    said = a_difference("approvers", (words,), (words, words), words)
    also = a_difference("justification", (words,), (words, words, words), words)
    facts = {**event.facts}
    if "changes" in facts:
        facts["changes"] = recorded([said, also, a_difference(words, words, words, words)])
    if "faults" in facts:
        facts["faults"] = words
    if "ended_by" in facts:
        facts["ended_by"] = facts["ended_by"] and words
    return replace(event, facts=facts, actor=event.actor and replace(event.actor, name=words))
