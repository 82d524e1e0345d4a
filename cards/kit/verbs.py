"""What a click on a card says: the verbs of its buttons and the keys of its data.

A card's data is the client's: it carries an opaque id and what was typed, and nothing that is
believed.
"""

SUBMIT = "request.submit"
CANCEL = "request.cancel"
APPROVE = "request.approve"
DENY = "request.deny"

FORM = "form"
"""Key of the form's id, in the data of SUBMIT and CANCEL."""
REQUEST = "request"
"""Key of the request's id, in the data of every verb about a request that exists."""

JUSTIFICATION = "justification"
"""Input of SUBMIT: why access is needed."""
DURATION = "duration"
"""Input of SUBMIT: for how long, as people write durations."""
REASON = "reason"
"""Input of DENY: why not; may be empty."""

DONE = "access.done"
"""On the message that access is granted: its requester needs it no more."""
END = "access.end"
"""On the card that asks whether access is to end early: yes."""
KEEP = "access.keep"
"""On the same card: no."""
CLOSE = "overdue.close"
"""On the card that asks whether overdue access is to be closed: yes, for a REASON."""
KEEP_TRYING = "overdue.keep"
"""On the same card: no."""
MY_DONE = "mine.done"
"""On the list of what a person holds: they need this one no more."""
MY_CANCEL = "mine.cancel"
"""On the same list: they withdraw this request."""

EXTEND = "access.extend"
"""On the warning that access ends soon: its requester wants more time."""
EXTENSION_ALLOW = "extension.allow"
EXTENSION_REFUSE = "extension.refuse"
SAID = "said"
"""Key of which wish for more time is meant, in the data of both EXTENSION_… verbs."""
UNTIL = "until"
"""Key of the end that was shown, in the data of EXTEND: it tells a click from the one before."""
WINDOW = "window"
"""Input of APPROVE: the window that is allowed, where that is shorter."""
NARROW = "narrow"
"""Input of APPROVE: ``true`` where the secret alone is opened instead of its vault."""

REVIEWED = "access.reviewed"
"""On the message that somebody broke the glass: an approver has looked into it."""
NOTE = "note"
"""Input of REVIEWED."""

HISTORY_MORE = "history.more"
CURSOR = "cursor"
"""Key of where the next page begins, in the data of HISTORY_MORE."""

ROTATION_CONFIRM = "rotation.confirm"
ROTATION_CANCEL = "rotation.cancel"
ROTATION_APPROVE = "rotation.approve"
ROTATION_DENY = "rotation.deny"
ROTATION_RETRY = "rotation.retry"
ROTATION_ABANDON = "rotation.abandon"
"""On the card that asks whether a rotation is to be abandoned: yes; with a REASON."""
ROTATION_KEEP = "rotation.keep"
"""On the same card: no."""

ROTATION = "rotation"
"""Key of the rotation's id, in the data of every ``ROTATION_…`` verb; for ROTATION_CONFIRM and
ROTATION_CANCEL the id that the rotation is going to have."""
SECRET = "secret"  # noqa: S105 - the key of a name
"""Key of the secret's name, in the data of ROTATION_CONFIRM and ROTATION_CANCEL."""

REFRESH = "card.refresh"
"""Nobody clicks it: Teams asks on behalf of whoever looks at a card what it shows now."""
WORKFLOW = "workflow"
CARD = "card"
"""Keys of the workflow's id and of which of its messages is meant, in the data of REFRESH."""

VERBS = frozenset(
    {
        SUBMIT,
        CANCEL,
        APPROVE,
        DENY,
        DONE,
        END,
        KEEP,
        CLOSE,
        KEEP_TRYING,
        MY_DONE,
        MY_CANCEL,
        EXTEND,
        EXTENSION_ALLOW,
        EXTENSION_REFUSE,
        REVIEWED,
        HISTORY_MORE,
        ROTATION_CONFIRM,
        ROTATION_CANCEL,
        ROTATION_APPROVE,
        ROTATION_DENY,
        ROTATION_RETRY,
        ROTATION_ABANDON,
        ROTATION_KEEP,
        REFRESH,
    }
)
"""Every verb: each has a handler (``bot.handlers.clicks``), or the bot doesn't start."""
