"""Whether approvers and admins can be found, may sign in, and can be reached in Teams."""

from collections.abc import Iterator, Sequence

from domain.diagnosis import Finding, broken, doubtful, good
from domain.people import Person
from services.faults import Fault
from services.operations.checks.check import Check
from services.people.addresses import ConversationAddresses
from services.people.directory import Directory
from services.policies import Policies
from services.ports import Accounts, AccountState

_INSTALL = "Let them install the app, or send it a message, so that it can write to them."
_DIRECTORY = (
    "Give the bot's identity User.Read.All in Microsoft Graph, make them members of the audit "
    "team, or name them by object id."
)
_WHY = {
    AccountState.DISABLED: ("is disabled", "Enable the account, or name somebody else."),
    AccountState.UNKNOWN: ("is not in the directory", "Correct the address, or take it out."),
    AccountState.AMBIGUOUS: (
        "is the address of several accounts",
        "Name the person by object id instead.",
    ),
}


class PeopleChecks:
    """Makes a check for each person that the configuration names."""

    def __init__(
        self, accounts: Accounts, directory: Directory, references: ConversationAddresses
    ) -> None:
        self._accounts = accounts
        self._directory = directory
        self._references = references

    def checks(self, policies: Policies, admins: Sequence[str]) -> Iterator[Check]:
        """Look at everybody once, whatever they are named for."""
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
        for duty, who in named:
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
            state, unasked = None, f"; Microsoft Graph cannot be asked ({fault.cause})"
        # The roster of the audit team may know whom Graph does not, or where it cannot be asked.
        person = await self._directory.find(who)
        if person is None or state is AccountState.DISABLED:
            seen, remedy = _WHY.get(state or AccountState.UNKNOWN, _WHY[AccountState.UNKNOWN])
            return broken(subject, f"{seen}{unasked}", remedy)
        if await self._references.person(person.object_id) is None:
            return doubtful(subject, f"{_found(person)}, but has no chat with the bot", _INSTALL)
        if unasked:
            return doubtful(subject, f"{_found(person)}{unasked}", _DIRECTORY)
        return good(subject, f"{_found(person)}, and can be written to")


def _found(person: Person) -> str:
    return f"is {person.name}"
