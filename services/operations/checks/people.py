"""Checks that approvers and admins exist, are enabled and can be reached in Teams."""

from collections.abc import Iterator, Sequence

from domain.diagnosis import Finding, broken, doubtful, good
from domain.people import Person
from domain.phrases import Phrase, phrase
from services.faults import Fault
from services.operations.checks.check import Check
from services.operations.checks.duties import Duty, named
from services.people.addresses import ConversationAddresses
from services.people.directory import Directory
from services.policies import Policies
from services.ports import Accounts, AccountState
from services.values import group_in

_INSTALL = phrase("Ask them to install the app or send it a message, so that it can message them.")
_DIRECTORY = phrase(
    "Give the bot's identity {permission} in Microsoft Graph, add them to the audit team, "
    "or configure them by object ID.",
    permission="User.Read.All",
)
_WHY = {
    AccountState.DISABLED: (
        phrase("is disabled"),
        phrase("Enable the account, or configure someone else."),
    ),
    AccountState.UNKNOWN: (
        phrase("isn't in the directory"),
        phrase("Correct the address, or remove it."),
    ),
    AccountState.AMBIGUOUS: (
        phrase("matches several accounts"),
        phrase("Configure the person by object ID instead."),
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
        duties: dict[str, tuple[str, list[Duty]]] = {}
        configured = [
            *(
                (Duty.APPROVER, who)
                for one in (policies.defaults, *policies.all())
                for who in one.approvers
            ),
            *((Duty.ESCALATION, who) for one in policies.all() for who in one.escalation),
            *((Duty.ADMIN, who) for who in admins),
        ]
        people = ((duty, who) for duty, who in configured if group_in(who) is None)
        for duty, who in people:
            _, known = duties.setdefault(who.lower(), (who, []))
            if duty not in known:
                known.append(duty)
        for who, known in duties.values():
            yield self._check(who, phrase("{duties} {who}", duties=named(known), who=who))

    def _check(self, who: str, subject: Phrase) -> Check:
        async def look() -> Finding:
            return await self._look(who, subject)

        return Check(subject, look, _DIRECTORY)

    async def _look(self, who: str, subject: Phrase) -> Finding:
        unasked = ""
        try:
            state = await self._accounts.account(who)
        except Fault as fault:
            state, unasked = None, fault.cause
        # The audit team's roster may know people whom Graph doesn't, or can't be queried for.
        person = await self._directory.find(who)
        if person is None or state is AccountState.DISABLED:
            seen, remedy = _WHY.get(state or AccountState.UNKNOWN, _WHY[AccountState.UNKNOWN])
            return broken(subject, _with(seen, unasked), remedy)
        if await self._references.person(person.object_id) is None:
            seen = phrase("is {name}, but hasn't started a chat with the bot", name=person.name)
            return doubtful(subject, seen, _INSTALL)
        if unasked:
            return doubtful(subject, _with(_found(person), unasked), _DIRECTORY)
        return good(subject, phrase("is {name}, and can be messaged", name=person.name))


def _found(person: Person) -> Phrase:
    return phrase("is {name}", name=person.name)


def _with(seen: Phrase, unasked: str) -> Phrase:
    """Add why Microsoft Graph couldn't be asked, if it couldn't."""
    if not unasked:
        return seen
    return phrase("{seen}; Microsoft Graph can't be queried ({cause})", seen=seen, cause=unasked)
