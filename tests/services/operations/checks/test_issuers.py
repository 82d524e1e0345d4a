"""Checks of the rights that issuers need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.diagnosis import CheckStatus
from domain.rotation.policy import RotationPolicy
from services.faults import NotPermitted
from services.operations.checks.issuers import IssuerChecks
from services.ports import Permission
from services.rotation.issuers.app_registration import AppRegistrationIssuer
from services.rotation.issuers.issuer import Issuer
from services.rotation.issuers.random import RandomIssuer
from services.rotation.issuers.storage_account import StorageAccountIssuer
from tests.services.operations.checks.fakes import FakeOwners, FakeRights, InEnglish, look
from tests.support.clock import ManualClock
from tests.support.rotation.builders import ROTATED, a_rotation_policy
from tests.support.rotation.issuer_fakes import FakeAppPasswords, FakeSignIns, FakeStorageKeys
from tests.support.rotation.world import RotationWorld

ACCOUNT = (
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/demostorage"
)
APPLICATION = "60000000-0000-4000-8000-000000000001"

KEYS = a_rotation_policy(issuer="storage-account", options=(("account", ACCOUNT),))
CLIENT_SECRET = a_rotation_policy(
    issuer="app-registration", options=(("application", APPLICATION),)
)

LISTS_KEYS = "Microsoft.Storage/storageAccounts/listkeys/action"
RENEWS_KEYS = "Microsoft.Storage/storageAccounts/regeneratekey/action"
OPERATOR = Permission(actions=(LISTS_KEYS, RENEWS_KEYS))


@dataclass
class _Elsewhere:
    """What the issuers need, in memory."""

    keys: FakeStorageKeys = field(default_factory=lambda: FakeStorageKeys(ManualClock()))
    passwords: FakeAppPasswords = field(default_factory=FakeAppPasswords)
    rights: FakeRights = field(default_factory=FakeRights)
    owners: FakeOwners = field(default_factory=FakeOwners)

    def __post_init__(self) -> None:
        self.keys.add(ACCOUNT)
        self.passwords.register(APPLICATION)
        self.rights.permissions = [OPERATOR]

    @property
    def issuers(self) -> Mapping[str, Issuer]:
        signing_in = FakeSignIns(self.passwords)
        known: Sequence[Issuer] = (
            RandomIssuer(),
            StorageAccountIssuer(self.keys),
            AppRegistrationIssuer(self.passwords, signing_in),
        )
        return {one.kind.name: one for one in known}

    async def look(self, policy: RotationPolicy) -> InEnglish:
        checks = IssuerChecks(self.rights, self.owners, self.issuers)
        return await look(checks.checks(RotationWorld(policy).policies), f"Issuer of {ROTATED}")


async def test_a_storage_account_whose_keys_the_bot_can_renew_is_good() -> None:
    found = await _Elsewhere().look(KEYS)

    assert (found.health, found.seen) == (
        CheckStatus.GOOD,
        "the bot has the rights that it needs",
    )


async def test_keys_that_cannot_be_listed_are_broken() -> None:
    elsewhere = _Elsewhere()
    refused = NotPermitted("Azure", "403 AuthorizationFailed")
    elsewhere.rights.faults.order("held", refused)
    elsewhere.keys.faults.order("read", refused)
    found = await elsewhere.look(KEYS)

    assert found.health is CheckStatus.BROKEN
    assert found.seen == "the bot isn't permitted to read it (403 AuthorizationFailed)"
    assert found.remedy == (
        "Give the bot Storage Account Key Operator Service Role on demostorage."
    )


async def test_keys_that_cannot_be_renewed_are_broken() -> None:
    elsewhere = _Elsewhere()
    elsewhere.rights.permissions = [Permission(actions=(LISTS_KEYS,))]
    found = await elsewhere.look(KEYS)

    assert (found.health, found.seen) == (CheckStatus.BROKEN, f"the bot lacks {RENEWS_KEYS}")


async def test_keys_are_not_read_if_the_permissions_can_be_seen() -> None:
    elsewhere = _Elsewhere()
    elsewhere.keys.faults.order("read", NotPermitted("Azure", "never asked"))
    await elsewhere.look(KEYS)

    assert not elsewhere.keys.faults.is_empty


async def test_permissions_that_azure_does_not_show_are_doubtful() -> None:
    elsewhere = _Elsewhere()
    elsewhere.rights.faults.order("held", NotPermitted("Azure", "403 AuthorizationFailed"))
    found = await elsewhere.look(KEYS)

    assert found.health is CheckStatus.DOUBTFUL
    assert "Azure doesn't show whether the bot has" in found.seen
    assert "If you give it Reader there too" in found.remedy


async def test_an_application_that_the_bot_owns_is_good() -> None:
    assert (await _Elsewhere().look(CLIENT_SECRET)).health is CheckStatus.GOOD


async def test_an_application_that_the_bot_does_not_own_is_broken() -> None:
    elsewhere = _Elsewhere()
    elsewhere.owners.is_owner = False
    found = await elsewhere.look(CLIENT_SECRET)

    assert found.health is CheckStatus.BROKEN
    assert found.seen == f"the bot doesn't own the application {APPLICATION}"
    assert found.remedy.startswith("Make the bot's identity an owner of the application")


async def test_without_the_permission_in_graph_it_is_broken() -> None:
    elsewhere = _Elsewhere()
    denied = NotPermitted("Microsoft Graph", "403 Authorization_RequestDenied")
    elsewhere.owners.faults.order("may_change", denied)
    found = await elsewhere.look(CLIENT_SECRET)

    assert found.health is CheckStatus.BROKEN
    assert "403 Authorization_RequestDenied" in found.seen
    assert "Application.ReadWrite.OwnedBy" in found.remedy
    assert "It can take a day" in found.remedy


def test_random_values_need_no_rights() -> None:
    elsewhere = _Elsewhere()
    checks = IssuerChecks(elsewhere.rights, elsewhere.owners, elsewhere.issuers)

    assert list(checks.checks(RotationWorld(a_rotation_policy()).policies)) == []
