"""Checks of approvers and admins."""

from domain.diagnosis import CheckStatus
from services.faults import NotPermitted
from services.operations.checks.people import PeopleChecks
from services.people.addresses import ConversationAddress, ConversationAddresses
from services.people.directory import Directory
from services.ports import AccountState
from tests.services.operations.checks.fakes import FakeAccounts, InEnglish, look
from tests.support.azure_fakes import FakePeople
from tests.support.builders import ADA, BO, CY, email_of, in_directory, policies
from tests.support.clock import ManualClock
from tests.support.tables.memory_table import MemoryTable


class Team:
    """Ada, Bo and Cy; all but Bo have messaged the bot."""

    def __init__(self) -> None:
        self.accounts = FakeAccounts()
        self.people = FakePeople(*(in_directory(one) for one in (ADA, BO, CY)))
        self._references = ConversationAddresses(MemoryTable(), ManualClock())

    async def look(self, subject: str, *admins: str) -> InEnglish:
        for one in (ADA, CY):
            reference = ConversationAddress("https://teams.example", f"a:{one.object_id}")
            await self._references.remember_person(one.object_id, reference)
        directory = Directory([self.people], ManualClock())
        checks = PeopleChecks(self.accounts, directory, self._references)
        return await look(checks.checks(policies(), admins), subject)


async def test_a_person_who_is_found_and_has_messaged_the_bot_is_good() -> None:
    found = await Team().look(f"Approver {email_of(ADA)}")

    assert (found.health, found.seen) == (CheckStatus.GOOD, "is Ada Approver, and can be messaged")


async def test_a_person_with_two_duties_is_checked_once() -> None:
    found = await Team().look(f"Approver and admin {email_of(ADA)}", email_of(ADA).upper())

    assert found.health is CheckStatus.GOOD


async def test_a_person_who_never_messaged_the_bot_is_doubtful() -> None:
    found = await Team().look(f"Approver {email_of(BO)}")

    assert (found.health, found.seen) == (
        CheckStatus.DOUBTFUL,
        "is Bo Backup, but hasn't started a chat with the bot",
    )


async def test_a_disabled_account_is_broken_even_if_the_roster_has_the_person() -> None:
    team = Team()
    team.accounts.states[email_of(ADA)] = AccountState.DISABLED

    found = await team.look(f"Approver {email_of(ADA)}")

    assert (found.health, found.seen) == (CheckStatus.BROKEN, "is disabled")


async def test_an_address_that_matches_two_accounts_is_broken() -> None:
    team = Team()
    team.accounts.states["shared@contoso.example"] = AccountState.AMBIGUOUS

    found = await team.look("Admin shared@contoso.example", "shared@contoso.example")

    assert found.seen == "matches several accounts"
    assert "object ID" in found.remedy


async def test_a_person_from_the_roster_is_doubtful_while_graph_fails() -> None:
    team = Team()
    team.accounts.faults.order("account", NotPermitted("Graph", "403"), times=9)

    found = await team.look(f"Admin {email_of(CY)}", email_of(CY))

    assert found.health is CheckStatus.DOUBTFUL
    assert "is Cy Careful; Microsoft Graph can't be queried (403)" in found.seen


async def test_an_unknown_person_is_broken_with_the_error_from_graph() -> None:
    team = Team()
    team.accounts.faults.order("account", NotPermitted("Graph", "403"), times=9)

    found = await team.look("Admin nobody@contoso.example", "nobody@contoso.example")

    assert found.health is CheckStatus.BROKEN
    assert found.seen == "isn't in the directory; Microsoft Graph can't be queried (403)"
