"""A person's current access and pending requests."""

from collections.abc import Sequence
from datetime import datetime

from microsoft_teams.cards import (
    Action,
    ActionSet,
    AdaptiveCard,
    CardElement,
    Container,
    ExecuteAction,
    ShowCardAction,
    TextInput,
    ToggleVisibilityAction,
)

from cards.access.parts.left_out import left_out_line
from cards.access.parts.reading import cli_line
from cards.kit import text, verbs
from cards.kit.elements import Content, caption, card, header, paragraph, run
from cards.kit.listing import LONGEST_TOOLTIP, ONE_PAGE, Paging, and_more, list_button, page_buttons
from cards.kit.message import all_secrets_of, secrets_by_vault
from cards.kit.times import age, duration, local, utc
from cards.kit.tone import Tone
from cards.languages.texts import listed, say, say_count
from domain.access.request import Request, RequestState, overdue_since
from domain.access.target import Target
from domain.access.transitions.extensions import most_more, open_extension
from domain.durations import write_duration

_LONGEST_DURATION_TEXT = 40
_MOST_COMMANDS = 3


def my_access_card(
    requests: Sequence[Request],
    more: int,
    now: datetime,
    *,
    reader: str,
    paging: Paging = ONE_PAGE,
) -> Content:
    """Draw a page of a person's open requests; ``more`` come after it.

    ``reader`` is that person's object ID: only who holds access is shown how to read the secret.
    """
    body: list[CardElement] = [header(say("My access"), _status(requests, now), Tone.INFO)]
    if not requests:
        body.append(
            paragraph(
                run(say("Latchkey gives you no access now, and you have no pending requests."))
            )
        )
        see = ExecuteAction(title=say("Request access"), verb=verbs.SECRETS_PAGE, data={})
        return card(body, [see])
    body.extend(_drawn(request, now, reader, paging) for request in requests)
    body.extend(and_more(more))
    return card(body, page_buttons(paging, verbs.MY_PAGE))


def _status(requests: Sequence[Request], now: datetime) -> str:
    held = sum(_is_held(request, now) for request in requests)
    waiting = sum(request.state is RequestState.PENDING for request in requests)
    planned = sum(request.state is RequestState.SCHEDULED for request in requests)
    others = len(requests) - held - waiting - planned
    parts = [
        say("{count} granted", count=held) if held else "",
        say_count("{count} waiting for approval", "{count} waiting for approval", waiting)
        if waiting
        else "",
        say_count("{count} starting later", "{count} starting later", planned) if planned else "",
        say_count("{count} starting or ending", "{count} starting or ending", others)
        if others
        else "",
    ]
    return ", ".join(filter(None, parts)) or say("Nothing")


def _is_held(request: Request, now: datetime) -> bool:
    """Return whether there is access that hasn't reached its end."""
    return request.state is RequestState.ACTIVE and overdue_since(request, now) is None


def _drawn(request: Request, now: datetime, reader: str, paging: Paging) -> CardElement:
    items: list[CardElement] = [
        paragraph(
            run(all_secrets_of(request), bold=True),
            run(
                f" {say('in {vault}', vault=listed(list(secrets_by_vault(request))))}", subtle=True
            ),
        ),
        paragraph(run(_status_of(request, now)), spacing="None"),
        *_other_person(request, reader),
        *left_out_line(request),
        *_more_asked(request),
        *_start(request),
        paragraph(run(text.line(request.id), mono=True, subtle=True, size="Small"), spacing="None"),
    ]
    is_own = request.holder.object_id == reader
    commands = _commands(request) if is_own and _is_held(request, now) else []
    if buttons := [*_buttons(request, now, reader, paging), *_toggle(request, commands)]:
        items.append(ActionSet(actions=buttons))
    return Container(items=[*items, *commands], spacing="Medium", separator=True)


def _other_person(request: Request, reader: str) -> list[CardElement]:
    """Say whose access it is, or who asked for it, if that is someone else."""
    if request.holder.object_id != reader:
        who = text.name_of(request.holder)
        return [caption(say("The access is {who}'s, not yours", who=who), "None")]
    if request.requester.object_id != reader:
        return [caption(say("{who} asked for it", who=text.name_of(request.requester)), "None")]
    return []


def _status_of(request: Request, now: datetime) -> str:
    expires_at = request.grant.expires_at if request.grant else None
    match request.state:
        case RequestState.PENDING:
            return say(
                "Waiting for approval; expires on {at}, in {left}",
                at=utc(request.lapses_at),
                left=age(request.lapses_at - now),
            )
        case RequestState.SCHEDULED if request.start_by:
            until = utc(request.start_by)
            return say("Approved; checks at its start go on until {until}", until=until)
        case RequestState.SCHEDULED if request.starts_at:
            return say(
                "Approved; starts on {at}, in {left}",
                at=utc(request.starts_at),
                left=age(request.starts_at - now),
            )
        case RequestState.GRANTING if request.broke_glass:
            return say("Break-glass access; being granted")
        case RequestState.GRANTING if request.approved_by_rule:
            return say("Approved by rule; being granted")
        case RequestState.GRANTING:
            return say("Approved; being granted")
        case RequestState.ACTIVE if expires_at:
            return _granted(request, expires_at, now)
        case RequestState.STUCK:
            return say("Should be over; Azure hasn't confirmed it yet. Please don't use it")
        case _ if request.watched_until:
            return say("Removed; checking Azure until {until}", until=utc(request.watched_until))
        case _:
            return say("Being removed")


def _granted(request: Request, end: datetime, now: datetime) -> str:
    if now >= end:
        return say("Should have ended on {at}; it's being ended. Please don't use it", at=utc(end))
    left = age(end - now)
    if request.approved_by_rule:
        return say("Granted by rule; ends on {at}, in {left}", at=utc(end), left=left)
    return say("Granted; ends on {at}, in {left}", at=utc(end), left=left)


def _more_asked(request: Request) -> list[CardElement]:
    """Draw how much more time was requested, while that can still be decided."""
    asked = open_extension(request)
    if asked is None:
        return []
    more = duration(asked.by)
    return [caption(say("{more} more requested, waiting for approval", more=more), "None")]


def _start(request: Request) -> list[CardElement]:
    """Draw when access that hasn't started is to start, in the reader's time zone."""
    is_ahead = request.state in {RequestState.PENDING, RequestState.SCHEDULED}
    if request.starts_at is None or not is_ahead:
        return []
    return [caption(say("Starts {local} local", local=local(request.starts_at)), "None")]


def _buttons(request: Request, now: datetime, reader: str, paging: Paging) -> list[Action]:
    """Draw what the reader can do: only the requester can cancel, and both can end access."""
    data = {verbs.REQUEST: request.id, **paging.data}
    about = all_secrets_of(request)
    match request.state:
        case RequestState.PENDING | RequestState.SCHEDULED if reader == request.requester.object_id:
            return [list_button(say("Cancel request"), verbs.MY_CANCEL, data, about)]
        case RequestState.SCHEDULED:
            return [list_button(say("Call it off"), verbs.MY_DONE, data, about)]
        case RequestState.GRANTING:
            return [list_button(say("I'm done"), verbs.MY_DONE, data, about)]
        case RequestState.ACTIVE if _is_held(request, now):
            done = list_button(say("I'm done"), verbs.MY_DONE, data, about)
            return [*_extend(request, data, about), done]
        case _:
            return []


def _extend(request: Request, data: dict[str, str], about: str) -> list[Action]:
    """Draw the button that asks for how much longer; none if the policy allows no more."""
    most, end = most_more(request), request.granted.expires_at
    if not most or end is None or request.extension:
        return []
    more = TextInput(
        id=f"{verbs.MORE}{request.id}",
        label=say("How much longer (at most {most})", most=duration(most)),
        max_length=_LONGEST_DURATION_TEXT,
        value=write_duration(min(request.window, most)),
    )
    ask = ExecuteAction(
        title=say("Extend"),
        verb=verbs.MY_EXTEND,
        data={**data, verbs.UNTIL: end.isoformat()},
        style="positive",
    )
    asking = AdaptiveCard(version="1.5", body=[more], actions=[ask])
    tooltip = say("{title}: {said}", title=say("Extend"), said=text.line(about, LONGEST_TOOLTIP))
    return [ShowCardAction(title=say("Extend…"), card=asking, tooltip=tooltip)]


def _commands(request: Request) -> list[CardElement]:
    """Draw the commands that print the values, hidden at first: Teams can't copy to a clipboard."""
    shown = request.targets[:_MOST_COMMANDS]
    left = len(request.targets) - len(shown)
    rest = say_count(
        "… and {count} more secret, read in the same way.",
        "… and {count} more secrets, read in the same way.",
        left,
    )
    return [
        Container(
            id=_commands_of(request),
            is_visible=False,
            style="emphasis",
            spacing="Small",
            items=[
                caption(say("Copy it, and run it with your own sign-in")),
                *(_command(one) for one in shown),
                *([caption(rest)] if left else []),
            ],
        )
    ]


def _command(target: Target) -> CardElement:
    command = cli_line(text.id_of(target.vault), text.id_of(target.secret))
    return paragraph(run(command, mono=True, size="Small"), spacing="Small")


def _toggle(request: Request, commands: Sequence[CardElement]) -> list[Action]:
    if not commands:
        return []
    about = text.line(all_secrets_of(request), LONGEST_TOOLTIP)
    return [
        ToggleVisibilityAction(
            title=say("Show command"),
            tooltip=say("Show or hide how to read {secrets}", secrets=about),
            target_elements=[_commands_of(request)],
        )
    ]


def _commands_of(request: Request) -> str:
    return f"commands-{request.id}"
