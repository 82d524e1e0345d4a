"""The verbs of the cards' buttons and the keys of their data.

A card's data comes from the client: it carries an opaque id and what was typed, and nothing that
is trusted.
"""

SUBMIT = "request.submit"
CANCEL = "request.cancel"
APPROVE = "request.approve"
DENY = "request.deny"

FORM = "form"
"""Key of the form's id, in the data of SUBMIT and CANCEL."""
REQUEST = "request"
"""Key of the request's id, in the data of every verb about an existing request."""

REMIND = "request.remind"
"""On the requester's own card: remind the approvers now. SINCE says which reminder it shows."""
SINCE = "since"
"""Key of the last reminder that the card shows, in the data of REMIND."""
WITHDRAW = "request.withdraw"
"""On the same card: they no longer ask for it."""

REASON = "reason"
"""Input of DENY: the reason; may be empty."""

DONE = "access.done"
"""On the "Access granted" message: the requester no longer needs it."""
END = "access.end"
"""On the card that asks whether to end access early: yes."""
KEEP = "access.keep"
"""On the same card: no."""
CLOSE = "overdue.close"
"""On the card that asks whether to close overdue access: yes, with a REASON."""
KEEP_TRYING = "overdue.keep"
"""On the same card: no."""
AFTER = "after"
"""Key of where a page of a list starts, in the data of a list's buttons; absent on the first."""

SECRETS_PAGE = "secrets.page"
"""Another page of the requestable secrets."""
SECRETS_REQUEST = "secrets.request"
"""In that list: they want this SECRET."""

APPROVALS_PAGE = "approvals.page"
"""Another page of what waits for a person's decision."""

MY_PAGE = "mine.page"
"""Another page of a person's access."""
MY_DONE = "mine.done"
"""In the list of a person's access: they no longer need this one."""
MY_CANCEL = "mine.cancel"
"""In the same list: they withdraw this request."""
MY_EXTEND = "mine.extend"
"""In the same list: they want an extension, with UNTIL, and for how long in MORE."""
MORE = "more:"
"""Input of MY_EXTEND: its id is this, followed by the request's id."""

EXTEND = "access.extend"
"""On the warning that access ends soon: the requester wants an extension."""
DURATION = "duration"
"""Input of EXTEND: for how much longer, as typed."""
EXTENSION_ASK = "extension.ask"
"""On the form that asks for how much longer: the same as EXTEND, and errors keep the form open."""
EXTENSION_CANCEL = "extension.cancel"
"""On the same form: no extension."""
EXTENSION_ALLOW = "extension.allow"
EXTENSION_REFUSE = "extension.refuse"
SOURCE_ID = "source_id"
"""Key that identifies the extension request, in the data of both EXTENSION_… verbs."""
UNTIL = "until"
"""Key of the end time shown, in the data of EXTEND and of the form's verbs: it distinguishes
successive clicks, and says what the person saw."""
WINDOW = "window"
"""Input of APPROVE: the allowed window, if it is shorter than requested."""
NARROW = "narrow"
"""Input of APPROVE: ``true`` if only the secret is opened instead of its vault."""
CHOOSE = "choose:"
"""Inputs of APPROVE start with it, followed by a secret's name: ``false`` to leave it out."""

REVIEWED = "access.reviewed"
"""On the break-glass message: an approver has reviewed it."""
NOTE = "note"
"""Input of REVIEWED."""

HISTORY_MORE = "history.more"
"""The page of the history at a CURSOR."""
HISTORY_DETAILS = "history.details"
"""In the history: one WORKFLOW's timeline, in place of the page at a CURSOR."""
CURSOR = "cursor"
"""Key of where a page of the history starts, in the data of both HISTORY_… verbs."""

ROTATION_CONFIRM = "rotation.confirm"
ROTATION_CANCEL = "rotation.cancel"
ROTATION_APPROVE = "rotation.approve"
ROTATION_DENY = "rotation.deny"
ROTATION_RETRY = "rotation.retry"
ROTATION_ABANDON = "rotation.abandon"
"""On the card that asks whether to abandon a rotation: yes, with a REASON."""
ROTATION_KEEP = "rotation.keep"
"""On the same card: no."""

ROTATION = "rotation"
"""Key of the rotation's id, in the data of every ``ROTATION_…`` verb; for ROTATION_CONFIRM and
ROTATION_CANCEL the id that the rotation will have."""
SECRET = "secret"  # noqa: S105 - the key of a name
"""Key of a secret's name, in the data of ROTATION_CONFIRM and ROTATION_CANCEL, and in lists."""
RULES = "rules"
"""Key of the digest of the rules that a plan shows, in the data of ROTATION_CONFIRM."""

ROTATIONS_PAGE = "rotations.page"
"""Another page of the rotated secrets."""
ROTATIONS_PLAN = "rotations.plan"
"""In that list: show what rotating this SECRET would do."""
ROTATIONS_ROTATE = "rotations.rotate"
"""In that list: the same, and ask whether to do it."""
ROTATIONS_RETRY = "rotations.retry"
"""In that list: resume this ROTATION."""
ROTATIONS_ABANDON = "rotations.abandon"
"""In that list: show what abandoning this ROTATION would leave behind, and ask."""

STUCK_PAGE = "stuck.page"
"""Another page of what is stuck, or the same as it is now."""
STUCK_TRY = "stuck.try"
"""In that list: try this WORKFLOW again now."""
STUCK_CLOSE = "stuck.close"
"""In that list: show what giving this WORKFLOW up would mean, and ask for a reason."""

DRILL_BEGIN = "drill.begin"
"""On the card that asks whether to begin a drill: yes."""
DRILL_CANCEL = "drill.cancel"
"""On the same card: no."""
DRILL = "drill"
"""Key of the ID that the drill will have, in the data of both DRILL_… verbs."""

DOCTOR_PAGE = "doctor.page"
"""Check everything again, and show a page of the findings."""

POLICY_ACCEPT = "policy.accept"
POLICY_REJECT = "policy.reject"
DIGEST = "digest"
"""Key of the policy file's digest, in the data of both POLICY_… verbs."""

ERASE = "erasure.begin"
"""On the card that asks whether to erase a person's name: yes."""
ERASE_CANCEL = "erasure.cancel"
"""On the same card: no."""
ERASURE = "erasure"
"""Key of the id that the erasure will have, in the data of both ERASE… verbs."""
PERSON = "person"
"""Key of the person's object ID, in the same data."""

RUN = "line.run"
"""On what suggests a command: read a line as if the clicker had typed it."""
LINE = "line"
"""Key of the line, in the data of RUN and PICK."""
LONGEST_LINE = 2_000
"""The longest line that a button carries, so that a card with two of them fits into a message."""
PICK = "request.pick"
"""On the card that asks which secret to request: a line that requests the chosen one, with LINE
after it."""
PICKED = "picked"
"""Input of PICK: the chosen secret."""

REFRESH = "card.refresh"
"""Not a button: Teams sends it on behalf of someone looking at a card."""
WORKFLOW = "workflow"
CARD = "card"
"""Keys of the workflow's id and of the message to refresh, in the data of REFRESH.

WORKFLOW is also in the data of list buttons about a workflow of any kind.
"""

VERBS = frozenset(
    {
        SUBMIT,
        CANCEL,
        APPROVE,
        DENY,
        REMIND,
        WITHDRAW,
        DONE,
        END,
        KEEP,
        CLOSE,
        KEEP_TRYING,
        SECRETS_PAGE,
        SECRETS_REQUEST,
        APPROVALS_PAGE,
        MY_PAGE,
        MY_DONE,
        MY_CANCEL,
        MY_EXTEND,
        EXTEND,
        EXTENSION_ASK,
        EXTENSION_CANCEL,
        EXTENSION_ALLOW,
        EXTENSION_REFUSE,
        REVIEWED,
        HISTORY_MORE,
        HISTORY_DETAILS,
        STUCK_PAGE,
        STUCK_TRY,
        STUCK_CLOSE,
        DRILL_BEGIN,
        DRILL_CANCEL,
        DOCTOR_PAGE,
        ROTATION_CONFIRM,
        ROTATION_CANCEL,
        ROTATION_APPROVE,
        ROTATION_DENY,
        ROTATION_RETRY,
        ROTATION_ABANDON,
        ROTATION_KEEP,
        ROTATIONS_PAGE,
        ROTATIONS_PLAN,
        ROTATIONS_ROTATE,
        ROTATIONS_RETRY,
        ROTATIONS_ABANDON,
        POLICY_ACCEPT,
        POLICY_REJECT,
        ERASE,
        ERASE_CANCEL,
        RUN,
        PICK,
        REFRESH,
    }
)
"""Every verb: each has a handler (``bot.handlers.clicks``), or the bot doesn't start."""
