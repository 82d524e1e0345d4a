"""Checks that approvers and admins exist, are enabled and can be reached in Teams."""

from collections.abc import Iterator, Sequence

from domain.diagnosis import Finding, broken, doubtful, good
from domain.people import Person
from services.faults import Fault
from services.operations.checks.check import Check
from services.people.addresses import ConversationAddresses
from services.people.directory import Directory
from services.policies import Policies
from services.ports import Accounts, AccountState
from services.values import group_in

_INSTALL = "Ask them to install the app or send it a message, so that it can message them."
_DIRECTORY = (
    "Give the bot's identity User.Read.All in Microsoft Graph, add them to the audit team, "
    "or configure them by object ID."
)
_WHY = {
    AccountState.DISABLED: ("is disabled", "Enable the account, or configure someone else."),
    AccountState.UNKNOWN: ("isn't in the directory", "Correct the address, or remove it."),
    AccountState.AMBIGUOUS: (
        "matches several accounts",
        "Configure the person by object ID instead.",
    ),
}


class PeopleChecks:
    """Creates a check for each person in the configuration."""

    def __init__(
        self, accounts: Accounts, directory: Directory, references: ConversationAddresses
    ) -> None:
        self._accounts = accounts
        self._directory = directory
        self._references = references

    def checks(self, policies: Policies, admins: Sequence[str]) -> Iterator[Check]:
        """Check each person once, even if they have several duties; groups have other checks."""
        duties: dict[str, tuple[str, list[str]]] = {}
        named = [
            *(
                ("approver", who)
                for one in (policies.defaults, *policies.all())
                for who in one.approvers
            ),
            *(("escalation", who) for one in policies.all() for who in one.escalation),
            *(("admin", who) for who in admins),
        ]
        people = ((duty, who) for duty, who in named if group_in(who) is None)
        for duty, who in people:
            _, known = duties.setdefault(who.lower(), (who, []))
            if duty not in known:
                known.append(duty)
        for who, names in duties.values():
            yield self._check(who, " and ".join(names))

    def _check(self, who: str, duty: str) -> Check:
        async def look() -> Finding:
            return await self._look(who, f"{duty.capitalize()} {who}")

        return Check(f"{duty.capitalize()} {who}", look, _DIRECTORY)

    async def _look(self, who: str, subject: str) -> Finding:
        unasked = ""
        try:
            state = await self._accounts.account(who)
        except Fault as fault:
            state, unasked = None, f"; Microsoft Graph can't be queried ({fault.cause})"
        # The audit team's roster may know people whom Graph doesn't, or can't be queried for.
        person = await self._directory.find(who)
        if person is None or state is AccountState.DISABLED:
            seen, remedy = _WHY.get(state or AccountState.UNKNOWN, _WHY[AccountState.UNKNOWN])
            return broken(subject, f"{seen}{unasked}", remedy)
        if await self._references.person(person.object_id) is None:
            return doubtful(
                subject, f"{_found(person)}, but hasn't started a chat with the bot", _INSTALL
            )
        if unasked:
            return doubtful(subject, f"{_found(person)}{unasked}", _DIRECTORY)
        return good(subject, f"{_found(person)}, and can be messaged")


def _found(person: Person) -> str:
    return f"is {person.name}"
