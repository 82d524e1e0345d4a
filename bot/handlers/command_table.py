"""The table of commands: each has one entry here, and help and menus follow from it.

`make generate` writes the table in docs/commands.md and the manifest's menu from it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.handlers.access.answering import AnswerHandlers
from bot.handlers.access.break_glass import BreakGlassHandlers
from bot.handlers.access.endings import EndingHandlers
from bot.handlers.access.explanations import ExplanationHandlers
from bot.handlers.access.extensions import ExtensionHandlers
from bot.handlers.access.listings import ListingHandlers
from bot.handlers.access.my_access import MyAccessHandlers
from bot.handlers.access.own_requests import OwnRequestHandlers
from bot.handlers.access.picking import PickingHandlers
from bot.handlers.access.refresh import RefreshHandlers
from bot.handlers.access.requests import AccessHandlers
from bot.handlers.access.secret_list import SecretListHandlers
from bot.handlers.admin.drills import DrillHandlers
from bot.handlers.admin.erasing import ErasingHandlers
from bot.handlers.admin.operators import OperatorHandlers
from bot.handlers.admin.overdue import OverdueHandlers
from bot.handlers.admin.policy_file import PolicyFileHandlers
from bot.handlers.admin.rotation import RotationHandlers
from bot.handlers.admin.rotation_list import RotationListHandlers
from bot.handlers.admin.stuck_list import StuckListHandlers
from bot.handlers.lines.command import (
    AboutOne,
    Alone,
    Command,
    Line,
    Role,
    Usage,
    WithReason,
    about_id,
    about_secret,
    alone,
    first_of,
    with_reason,
)
from bot.handlers.lines.erase_command import read_erase
from bot.handlers.lines.history_commands import (
    ExportFigures,
    ExportHistory,
    ExportReads,
    VerifyDay,
    read_export,
    read_history,
    read_report,
    read_review,
    read_verify_day,
)
from bot.handlers.lines.request_commands import (
    PickSecret,
    RequestSecret,
    read_break_glass,
    read_extend,
    read_request,
)
from bot.handlers.lines.why_command import read_why
from bot.handlers.records.export import ExportHandlers
from bot.handlers.records.history import HistoryHandlers
from bot.handlers.welcome import WelcomeHandlers
from bot.ids import is_drill_id, is_rotation_id
from bot.turn import Turn
from cards.kit.elements import Content
from cards.languages.language import ENGLISH, spoken
from cards.languages.remembered import remembered
from cards.languages.texts import say
from cards.operations.help_card import help_card
from cards.operations.usages import usage_of
from domain.phrases import mark


@dataclass(frozen=True, slots=True)
class Handlers:
    """All that serves commands and clicks."""

    access: AccessHandlers
    answers: AnswerHandlers
    break_glass: BreakGlassHandlers
    drills: DrillHandlers
    endings: EndingHandlers
    erasing: ErasingHandlers
    explanations: ExplanationHandlers
    exports: ExportHandlers
    extensions: ExtensionHandlers
    history: HistoryHandlers
    listings: ListingHandlers
    my_access: MyAccessHandlers
    operators: OperatorHandlers
    overdue: OverdueHandlers
    own_requests: OwnRequestHandlers
    picking: PickingHandlers
    policy_file: PolicyFileHandlers
    refresh: RefreshHandlers
    rotation: RotationHandlers
    rotation_list: RotationListHandlers
    secret_list: SecretListHandlers
    stuck_list: StuckListHandlers
    welcome: WelcomeHandlers


async def _help(on: Handlers, turn: Turn, command: Alone) -> None:
    if command.name == "help all":
        await turn.reply(help_content())
    else:
        await on.welcome.greet(turn)


async def _request(on: Handlers, turn: Turn, request: RequestSecret | PickSecret) -> None:
    """Request a secret; without a name, ask which one."""
    if isinstance(request, PickSecret):
        await on.picking.ask(turn, request)
    else:
        await on.access.request(turn, request)


async def _answer(on: Handlers, turn: Turn, it: WithReason | Alone) -> None:
    """Decide what an ID stands for; without one, show what waits."""
    if isinstance(it, Alone):
        await on.listings.approvals(turn)
    elif is_rotation_id(it.workflow_id):
        approves = it.name == "approve"
        await on.rotation.answer(turn, it.workflow_id, it.reason, approves=approves)
    elif it.name == "approve":
        await on.answers.approve(turn, it.workflow_id, it.reason)
    else:
        await on.answers.deny(turn, it.workflow_id, it.reason)


async def _status(on: Handlers, turn: Turn, about: AboutOne | Alone) -> None:
    """Show one workflow; without an ID, everything of this person."""
    if isinstance(about, AboutOne) and is_drill_id(about.workflow_id):
        await on.drills.show(turn, about.workflow_id)
    elif isinstance(about, AboutOne):
        await on.listings.status(turn, about.workflow_id)
    else:
        await on.my_access.show(turn)


async def _revoke(on: Handlers, turn: Turn, command: AboutOne) -> None:
    """End access early; if its window is over, retry the revocation instead."""
    if await on.overdue.is_overdue(command.workflow_id):
        await on.overdue.retry(turn, command.workflow_id)
    else:
        await on.endings.revoke(turn, command.workflow_id)


async def _retry(on: Handlers, turn: Turn, command: AboutOne) -> None:
    """Retry whatever this id stands for."""
    if await on.overdue.put_back(turn, command.workflow_id):
        return
    if is_rotation_id(command.workflow_id):
        await on.rotation.retry(turn, command.workflow_id)
    else:
        await on.overdue.retry(turn, command.workflow_id)


async def _verify(on: Handlers, turn: Turn, command: AboutOne | VerifyDay) -> None:
    if isinstance(command, VerifyDay):
        await on.history.verify_day(turn, command)
    else:
        await on.history.verify(turn, command.workflow_id)


async def _export(
    on: Handlers, turn: Turn, command: ExportHistory | ExportFigures | ExportReads
) -> None:
    match command:
        case ExportFigures():
            await on.exports.figures(turn, command)
        case ExportReads():
            await on.exports.reads(turn, command)
        case _:
            await on.exports.offer(turn, command)


COMMANDS: Sequence[Command[Handlers, Any]] = (
    Command(
        words=("request",),
        usages=(
            Usage(
                "request secret NAME",
                mark("Request access to a secret; a form asks for reason and duration"),
            ),
            Usage("request", mark("The same, and choose the secret from a list")),
            Usage("request secret NAME for 2h because REASON", mark("The same in one line")),
            Usage(
                "request secret NAME for 2h from 22:00 tomorrow …",
                mark("The same with a later start, in your time zone"),
            ),
            Usage(
                "request secret NAME, NAME and NAME …",
                mark("Several secrets: one approval, one time window"),
            ),
            Usage(
                "request secret NAME for EMAIL …",
                mark("The same for a colleague, if the policy allows it"),
            ),
        ),
        parse=read_request,
        serve=_request,
        in_menu=True,
    ),
    Command(
        words=("break", "break-glass", "breakglass"),
        usages=(
            Usage(
                "break glass NAME because REASON",
                mark("Get access at once, if the policy names you for it"),
            ),
        ),
        parse=read_break_glass,
        serve=lambda on, turn, taken: on.break_glass.take(turn, taken),
        acts=True,
    ),
    Command(
        words=("secrets",),
        usages=(Usage("secrets", mark("List the secrets you can request, and who approves them")),),
        parse=alone("secrets"),
        serve=lambda on, turn, _: on.secret_list.show(turn),
        in_menu=True,
    ),
    Command(
        words=("why",),
        usages=(
            Usage(
                "why NAME [@person]",
                mark("Show what the policy would decide about a request, and by which rule"),
            ),
        ),
        parse=read_why,
        serve=lambda on, turn, about: on.explanations.why(turn, about),
        instead="secrets",
    ),
    Command(
        words=("my",),
        usages=(
            Usage(
                "my access",
                mark("Show your access and pending requests, and end or cancel them"),
            ),
        ),
        parse=alone("my access", "my", "my requests"),
        serve=lambda on, turn, _: on.my_access.show(turn),
        in_menu=True,
        is_private=True,
    ),
    Command(
        words=("approvals",),
        usages=(
            Usage("approvals", mark("Show requests waiting for your decision, and decide them")),
        ),
        parse=alone("approvals"),
        serve=lambda on, turn, _: on.listings.approvals(turn),
        in_menu=True,
        is_private=True,
        role=Role.APPROVER,
    ),
    Command(
        words=("approve",),
        usages=(
            Usage(
                "approve ID [because REASON]",
                mark("Approve a request, more time, or a rotation"),
            ),
        ),
        parse=first_of(with_reason("approve"), alone("approve")),
        serve=_answer,
        acts=True,
        role=Role.APPROVER,
    ),
    Command(
        words=("deny", "reject"),
        usages=(
            Usage(
                "deny ID because REASON",
                mark("Deny one, with a reason that everybody involved sees"),
            ),
        ),
        parse=first_of(with_reason("deny"), alone("deny", "reject")),
        serve=_answer,
        acts=True,
        role=Role.APPROVER,
    ),
    Command(
        words=("status",),
        usages=(
            Usage("status ID", mark("Show one of your requests, or one you approve")),
            Usage("status", mark("Show your access and pending requests")),
        ),
        parse=first_of(about_id("status"), alone("status")),
        serve=_status,
        in_menu=True,
    ),
    Command(
        words=("cancel",),
        usages=(Usage("cancel ID", mark("Withdraw your request before it's decided")),),
        parse=about_id("cancel"),
        serve=lambda on, turn, about: on.endings.cancel(turn, about.workflow_id),
        in_menu=True,
        instead="my access",
        acts=True,
    ),
    Command(
        words=("revoke",),
        usages=(Usage("revoke ID", mark("End access early: yours, or one you approve")),),
        parse=about_id("revoke"),
        serve=_revoke,
        in_menu=True,
        instead="my access",
    ),
    Command(
        words=("extend",),
        usages=(Usage("extend ID 1h", mark("Ask for more time before access expires")),),
        parse=read_extend,
        serve=lambda on, turn, more: on.extensions.extend(turn, more.request_id, more.duration),
        in_menu=True,
        instead="my access",
        acts=True,
    ),
    Command(
        words=("history",),
        usages=(
            Usage(
                "history [NAME|ID|@person] [last 7d]",
                mark("Show requests and rotations, newest first"),
            ),
        ),
        parse=read_history,
        serve=lambda on, turn, history: on.history.show(turn, history.wanted),
    ),
    Command(
        words=("verify",),
        usages=(
            Usage(
                "verify ID",
                mark("Check that no event of a request or rotation was changed or removed"),
            ),
            Usage(
                "verify day 2026-11-27",
                mark("Check that no request or rotation of that day was removed as a whole"),
            ),
        ),
        parse=first_of(about_id("verify"), read_verify_day),
        serve=_verify,
        role=Role.ADMIN,
        instead="history",
    ),
    Command(
        words=("export",),
        usages=(
            Usage("export [csv|json] [NAME|@person] [last 7d]", mark("The history as a file")),
            Usage("export figures [NAME] [90d]", mark("The figures of the report as a file")),
            Usage("export reads ID", mark("Each read under the grant of a request, as a file")),
            Usage("export reads [NAME] [90d]", mark("Each read without a grant, as a file")),
        ),
        parse=read_export,
        serve=_export,
        role=Role.ADMIN,
    ),
    Command(
        words=("report",),
        usages=(
            Usage(
                "report [NAME] [90d]",
                mark("Grants, decisions and late revocations, with charts; of the last 30 days"),
            ),
        ),
        parse=read_report,
        serve=lambda on, turn, command: on.history.report(turn, command),
        role=Role.ADMIN,
    ),
    Command(
        words=("review",),
        usages=(
            Usage(
                "review [30d|90d]",
                mark("Who has had which access, and which rules nobody used, with a file"),
            ),
        ),
        parse=read_review,
        serve=lambda on, turn, command: on.exports.review(turn, command),
        role=Role.ADMIN,
    ),
    Command(
        words=("rotate",),
        usages=(
            Usage("rotate NAME", mark("Show what a rotation would do, then ask before doing it")),
        ),
        parse=about_secret("rotate"),
        serve=lambda on, turn, about: on.rotation.rotate(turn, about.secret),
        role=Role.ADMIN,
        in_menu=True,
        instead="rotations",
    ),
    Command(
        words=("plan",),
        usages=(Usage("plan NAME", mark("Show what a rotation would do, without doing it")),),
        parse=about_secret("plan"),
        serve=lambda on, turn, about: on.rotation.plan(turn, about.secret),
        role=Role.ADMIN,
        in_menu=True,
        instead="rotations",
    ),
    Command(
        words=("rotations",),
        usages=(Usage("rotations", mark("List rotated secrets, with their last and next runs")),),
        parse=alone("rotations"),
        serve=lambda on, turn, _: on.rotation_list.show(turn),
        role=Role.ADMIN,
        in_menu=True,
    ),
    Command(
        words=("retry",),
        usages=(Usage("retry ID", mark("Retry a failed revocation or rotation now")),),
        parse=about_id("retry"),
        serve=_retry,
        role=Role.ADMIN,
        instead="stuck",
        acts=True,
    ),
    Command(
        words=("close",),
        usages=(
            Usage("close ID because REASON", mark("Close a revocation that can never succeed")),
        ),
        parse=with_reason("close"),
        serve=lambda on, turn, it: on.overdue.close(turn, it.workflow_id, it.reason),
        role=Role.ADMIN,
        instead="stuck",
    ),
    Command(
        words=("abandon",),
        usages=(
            Usage(
                "abandon ID because REASON",
                mark("End a rotation that can never finish, leaving it as is"),
            ),
        ),
        parse=with_reason("abandon"),
        serve=lambda on, turn, it: on.rotation.abandon(turn, it.workflow_id, it.reason),
        role=Role.ADMIN,
        instead="stuck",
    ),
    Command(
        words=("erase",),
        usages=(
            Usage(
                "erase @person",
                mark("Erase a person's name from all that is kept; an object ID works too"),
            ),
        ),
        parse=read_erase,
        serve=lambda on, turn, command: on.erasing.erase(turn, command),
        role=Role.ADMIN,
        is_private=True,
    ),
    Command(
        words=("stuck",),
        usages=(
            Usage(
                "stuck",
                mark("List failed revocations, stuck rotations, unreviewed break-glass access"),
            ),
        ),
        parse=alone("stuck"),
        serve=lambda on, turn, _: on.stuck_list.show(turn),
        role=Role.ADMIN,
    ),
    Command(
        words=("doctor",),
        usages=(Usage("doctor", mark("Check configuration and permissions")),),
        parse=alone("doctor"),
        serve=lambda on, turn, _: on.operators.examine(turn),
        role=Role.ADMIN,
    ),
    Command(
        words=("drill",),
        usages=(
            Usage("drill", mark("Prove that access can be given and taken away, with a canary")),
        ),
        parse=alone("drill"),
        serve=lambda on, turn, _: on.drills.ask(turn),
        role=Role.ADMIN,
    ),
    Command(
        words=("help", "hi", "hello", "?", ""),
        usages=(
            Usage("help", mark("Show what you can do here")),
            Usage("help all", mark("Show this list")),
        ),
        parse=first_of(
            alone("help all", "help me all", "all commands"),
            alone("help", "hi", "hello", "?", "", "help me", "help please", "hi latchkey"),
        ),
        serve=_help,
        in_menu=True,
    ),
)


def for_people(command: Command[Any, Any], usage: Usage) -> tuple[str, str]:
    """Return how a command is typed and what it does, as menus and the docs say it."""
    purpose = say(usage.purpose)
    if command.role is Role.ADMIN:
        purpose = say("Admins: {purpose}", purpose=_after_colon(purpose))
    return usage_of(usage.form), purpose


def _after_colon(purpose: str) -> str:
    """Let English go on in lower case; the first word may be a noun in other languages."""
    return f"{purpose[0].lower()}{purpose[1:]}" if spoken() is ENGLISH else purpose


def usages() -> list[tuple[str, str]]:
    """List every usage of every command for people, in the order of the table."""
    return [for_people(command, usage) for command in COMMANDS for usage in command.usages]


_GROUPS = {
    Role.EVERYONE: mark("For everyone"),
    Role.APPROVER: mark("For approvers"),
    Role.ADMIN: mark("For admins"),
}


@remembered
def help_content() -> Content:
    """Draw the list of all commands: it is the same for everyone."""
    return help_card(
        {
            title: [
                (usage.form, usage.purpose)
                for command in COMMANDS
                if command.role is role
                for usage in command.usages
            ]
            for role, title in _GROUPS.items()
        }
    )


def _by_word() -> dict[str, Command[Handlers, Any]]:
    found: dict[str, Command[Handlers, Any]] = {}
    for command in COMMANDS:
        for word in command.words:
            if word in found:
                raise ValueError(f"two commands begin with {word!r}")
            found[word] = command
    return found


_BY_WORD = _by_word()


def read(text: str, people: Iterable[str] = ()) -> tuple[Command[Handlers, Any], object] | None:
    """Read a line as a command and its value; None if it isn't one.

    Mentions are in it as names; ``people`` are those names.
    """
    line = Line.of(text, people)
    command = _BY_WORD.get(line.first)
    value = command.parse(line) if command else None
    return (command, value) if command and value is not None else None
