"""What is found of approvers and admins."""

from domain.diagnosis import CheckStatus, Finding
from services.faults import NotPermitted
from services.operations.checks.people import PeopleChecks
from services.people.addresses import ConversationAddress, ConversationAddresses
from services.people.directory import Directory
from services.ports import AccountState
from tests.services.operations.checks.fakes import FakeAccounts, look
from tests.support.azure_fakes import FakePeople
from tests.support.builders import ADA, BO, CY, email_of, in_directory, policies
from tests.support.clock import ManualClock
from tests.support.memory_table import MemoryTable


class Team:
    """Ada, Bo and Cy; all of them have written to the bot but for Bo."""

    def __init__(self) -> None:
        self.accounts = FakeAccounts()
        self.people = FakePeople(*(in_directory(one) for one in (ADA, BO, CY)))
        self._references = ConversationAddresses(MemoryTable())

    async def look(self, subject: str, *admins: str) -> Finding:
        for one in (ADA, CY):
            reference = ConversationAddress("https://teams.example", f"a:{one.object_id}")
            await self._references.remember_person(one.object_id, reference)
        directory = Directory([self.people], ManualClock())
        checks = PeopleChecks(self.accounts, directory, self._references)
        return await look(checks.checks(policies(), admins), subject)


async def test_whoever_is_found_and_has_written_to_the_bot_is_good() -> None:
    found = await Team().look(f"Approver {email_of(ADA)}")

    assert (found.health, found.seen) == (
        CheckStatus.GOOD,
        "is Ada Approver, and can be written to",
    )


async def test_whoever_is_named_for_two_duties_is_looked_at_once() -> None:
    found = await Team().look(f"Approver and admin {email_of(ADA)}", email_of(ADA).upper())

    assert found.health is CheckStatus.GOOD


async def test_whoever_never_wrote_to_the_bot_is_doubtful() -> None:
    found = await Team().look(f"Approver {email_of(BO)}")

    assert (found.health, found.seen) == (
        CheckStatus.DOUBTFUL,
        "is Bo Backup, but has no chat with the bot",
    )


async def test_a_disabled_account_is_broken_though_a_roster_knows_the_person() -> None:
    team = Team()
    team.accounts.states[email_of(ADA)] = AccountState.DISABLED

    found = await team.look(f"Approver {email_of(ADA)}")

    assert (found.health, found.seen) == (CheckStatus.BROKEN, "is disabled")


async def test_an_address_of_two_accounts_names_nobody() -> None:
    team = Team()
    team.accounts.states["shared@contoso.example"] = AccountState.AMBIGUOUS

    found = await team.look("Admin shared@contoso.example", "shared@contoso.example")

    assert found.seen == "is the address of several accounts"
    assert "object id" in found.remedy


async def test_whom_the_roster_knows_is_doubtful_while_graph_cannot_be_asked() -> None:
    team = Team()
    team.accounts.faults.order("account", NotPermitted("Graph", "403"), times=9)

    found = await team.look(f"Admin {email_of(CY)}", email_of(CY))

    assert found.health is CheckStatus.DOUBTFUL
    assert "is Cy Careful; Microsoft Graph cannot be asked (403)" in found.seen


async def test_whom_nobody_knows_is_broken_with_why_graph_did_not_say() -> None:
    team = Team()
    team.accounts.faults.order("account", NotPermitted("Graph", "403"), times=9)

    found = await team.look("Admin nobody@contoso.example", "nobody@contoso.example")

    assert found.health is CheckStatus.BROKEN
    assert found.seen == "is not in the directory; Microsoft Graph cannot be asked (403)"
