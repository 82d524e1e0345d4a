"""Who asks for what, and for how long."""

from cards.kit.elements import Sentence
from cards.kit.message import person, secrets_of
from cards.kit.sentences import sentence, together
from cards.kit.times import duration
from domain.access.request import Request, RequestState


def asks_for(request: Request) -> Sentence:
    """Say who asks for what, and for whom if it's someone else."""
    who, what, window = person(request.requester), secrets_of(request), duration(request.window)
    if may_be_shortened(request):
        return together(_asks_for_access(request), _for_less(request))
    if request.colleague is None:
        return sentence(
            "{who} asks to read {secrets} for {window}.", who=who, secrets=what, window=window
        )
    return sentence(
        "{who} asks to let {reader} read {secrets} for {window}.",
        who=who,
        reader=person(request.colleague),
        secrets=what,
        window=window,
    )


def asked_for(request: Request) -> Sentence:
    """Say the same of a request that no longer waits."""
    if not request.window:  # refused before anybody knew for how long
        return _asked_for_access(request)
    who, what, window = person(request.requester), secrets_of(request), duration(request.window)
    if may_be_shortened(request):
        return together(_asked_for_access(request), _for_less(request))
    if request.colleague is None:
        return sentence(
            "{who} asked to read {secrets} for {window}.", who=who, secrets=what, window=window
        )
    return sentence(
        "{who} asked to let {reader} read {secrets} for {window}.",
        who=who,
        reader=person(request.colleague),
        secrets=what,
        window=window,
    )


def may_be_shortened(request: Request) -> bool:
    """Return whether an approver may have shortened the window; a former one may have, too.

    Nobody approves break-glass access: if others have to review it now, its window is the same.
    """
    if request.broke_glass:
        return False
    shortened = any(approval.window for approval in request.approvals)
    return shortened or request.approvers_since is not None


def _asks_for_access(request: Request) -> Sentence:
    who, secrets = person(request.requester), secrets_of(request)
    if request.colleague is None:
        return sentence("{who} asks to read {secrets}.", who=who, secrets=secrets)
    reader = person(request.colleague)
    return sentence(
        "{who} asks to let {reader} read {secrets}.", who=who, reader=reader, secrets=secrets
    )


def _asked_for_access(request: Request) -> Sentence:
    who, secrets = person(request.requester), secrets_of(request)
    if request.colleague is None:
        return sentence("{who} asked to read {secrets}.", who=who, secrets=secrets)
    reader = person(request.colleague)
    return sentence(
        "{who} asked to let {reader} read {secrets}.", who=who, reader=reader, secrets=secrets
    )


def _for_less(request: Request) -> Sentence:
    """Say for how long access would be, or is approved; empty if it never was."""
    window = duration(request.window)
    if request.state is RequestState.PENDING:
        return sentence("It would be for {window} at most.", window=window)
    if request.grant or request.state is RequestState.SCHEDULED:
        return sentence("Approved for {window}.", window=window)
    return ()
