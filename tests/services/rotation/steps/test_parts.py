"""Rotating a part of a secret: the vault and its dependents keep the rest byte for byte."""

import json

import pytest

from domain.rotation.rotation import Rotation, RotationState, Step
from domain.rotation.secret_parts import Part, PartKind
from domain.secrets import SecretValue
from services.faults import Rejected
from services.rotation.issuers.app_registration import AppRegistrationIssuer
from services.rotation.issuers.issuer import Issued, Issuer
from services.rotation.issuers.random import RandomIssuer
from services.rotation.issuers.storage_account import StorageAccountIssuer
from services.rotation.secret_versions import CREDENTIAL_TAG
from tests.support.builders import SECOND, VAULT
from tests.support.refusing import words_of
from tests.support.rotation.builders import (
    BILLING,
    CHECKOUT,
    DAY,
    FLOATING,
    LITERAL,
    PINNED,
    ROTATED,
    a_rotation_policy,
)
from tests.support.rotation.issuer_fakes import FakeAppPasswords, FakeSignIns, FakeStorageKeys
from tests.support.rotation.late_fakes import Lateness, LateSecretVersions
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import RotationWorld
from tests.support.tables.crashing_table import Crash

PASSWORD = Part(PartKind.FIELD, "/database/password")
KEY = Part(PartKind.KEY, "Password")
JSON = '{ "database" : {"user":"app", "password" : "canary-old", "port":5432.0 }, "v": 1e3}\n'
CONNECTION = "Server=tcp:db,1433;User ID=sa;Password='canary;old';Encrypt=True;"
APPLICATION = "60000000-0000-4000-8000-000000000001"
ACCOUNT = (
    "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/contosodata"
)


def _world(value: str, part: Part, content_type: str | None = None) -> RotationWorld:
    policy = a_rotation_policy(part=part, dependents=(LITERAL, FLOATING, PINNED))
    world = RotationWorld(policy)
    version = world.versions.put(VAULT.url, ROTATED, value, content_type=content_type)
    world.apps.change(CHECKOUT, API_KEY=value)
    pinned = f"@Microsoft.KeyVault(SecretUri={world.uri}/{version})"
    world.apps.change(BILLING, UPSTREAM_KEY=pinned)
    return world


@pytest.mark.parametrize(
    ("value", "part", "before", "after"),
    [
        (JSON, PASSWORD, JSON.partition("canary-old")[0], JSON.partition("canary-old")[2]),
        (CONNECTION, KEY, CONNECTION.partition("'")[0], CONNECTION.rpartition("'")[2]),
    ],
)
async def test_a_part_is_rotated_in_the_vault_and_in_settings_that_hold_the_whole_value(
    value: str, part: Part, before: str, after: str
) -> None:
    world = _world(value, part, "application/json" if part is PASSWORD else None)

    rotation = await RotationReplica(world).rotated()

    written = world.value("")
    new = written.removeprefix(before).removesuffix(after)
    assert rotation.state is RotationState.OVERLAPPING
    assert written == f"{before}{new}{after}"
    assert len(new) == 64
    assert world.held(CHECKOUT, "API_KEY") == written
    assert world.version("").content_type == ("application/json" if part is PASSWORD else None)
    assert world.apps.active_version(BILLING, "FLOATING_KEY") == world.version("").id


@pytest.mark.parametrize(("value", "part"), [(JSON, PASSWORD), (CONNECTION, KEY)])
async def test_a_rotated_part_is_restored_with_the_whole_value(value: str, part: Part) -> None:
    world = _world(value, part)
    world.when(
        "perform verify", lambda: world.versions.faults.order("current", Rejected("fake", "400"))
    )

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert world.value("") == value
    assert world.held(CHECKOUT, "API_KEY") == value
    assert "canary" not in str(rotation)


async def test_a_part_is_rotated_repeatedly() -> None:
    world = _world(JSON, PASSWORD)
    replica = RotationReplica(world)

    await replica.rotated("rot-one")
    await replica.pass_time(2 * DAY)
    rotation = await replica.rotated("rot-two")

    assert rotation.state is RotationState.OVERLAPPING
    assert json.loads(world.value(""))["database"]["user"] == "app"


class _Quoting(RandomIssuer):
    """Issues a value that a connection string can't hold without quotes."""

    async def issue(self, rotation: Rotation) -> Issued:
        return Issued(SecretValue("canary;new"))


class _IssuerWorld(RotationWorld):
    issuer_used: Issuer

    def issuers(self, crash: Crash) -> dict[str, Issuer]:
        return {"random": self.issuer_used, "storage-account": self.issuer_used}


async def test_a_new_part_that_would_have_to_be_quoted_is_not_written() -> None:
    world = _IssuerWorld(a_rotation_policy(part=KEY))
    world.versions.put(VAULT.url, ROTATED, CONNECTION)
    world.issuer_used = _Quoting()

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert world.value("") == CONNECTION
    assert "would have to be quoted" in words_of(rotation.failure)
    assert "canary" not in str(rotation)


async def test_a_storage_key_is_rotated_inside_a_longer_connection_string() -> None:
    policy = a_rotation_policy(
        part=Part(PartKind.KEY, "AccountKey"),
        issuer="storage-account",
        options=(("account", ACCOUNT),),
    )
    world = _IssuerWorld(policy)
    keys = FakeStorageKeys(world.clock)
    keys.add(ACCOUNT)
    key = keys.value(ACCOUNT, "key1").reveal()
    world.versions.put(
        VAULT.url, ROTATED, f"AccountName=contosodata;AccountKey={key};BlobEndpoint=https://b/"
    )
    world.issuer_used = StorageAccountIssuer(keys)

    rotation = await RotationReplica(world).rotated()

    made = keys.value(ACCOUNT, "key2").reveal()
    assert rotation.state is RotationState.OVERLAPPING
    assert world.value("") == f"AccountName=contosodata;AccountKey={made};BlobEndpoint=https://b/"


class _Remembering(RandomIssuer):
    """Remembers the old value that it was given."""

    given: SecretValue | None = None

    async def withdraw(self, rotation: Rotation, old: SecretValue | None) -> None:
        self.given = old


async def test_an_undo_gives_the_issuer_the_old_part() -> None:
    world = _IssuerWorld(a_rotation_policy(part=PASSWORD))
    world.versions.put(VAULT.url, ROTATED, JSON)
    issuer = world.issuer_used = _Remembering()
    world.versions.faults.order("write", Rejected("fake", "400"))

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert issuer.given == SecretValue("canary-old")


class _ClientSecretWorld(RotationWorld):
    """A world with a client secret in a JSON document; the answer to the first write is lost."""

    def __init__(self) -> None:
        super().__init__(
            a_rotation_policy(
                part=PASSWORD,
                issuer="app-registration",
                options=(("application", APPLICATION),),
            )
        )
        self.passwords = FakeAppPasswords()
        self.passwords.register(APPLICATION)
        old, value = self.passwords.plant(APPLICATION, "by hand")
        late = Lateness(self.clock)
        self.versions = LateSecretVersions(self.clock, late)
        self.versions.put(
            VAULT.url,
            ROTATED,
            json.dumps({"database": {"password": value.reveal(), "user": "app"}}),
            tags={CREDENTIAL_TAG: old.key_id},
        )
        late.order("write", 5 * SECOND)

    def issuers(self, crash: Crash) -> dict[str, Issuer]:
        sign_ins = FakeSignIns(self.passwords)
        return {"app-registration": AppRegistrationIssuer(self.passwords, sign_ins)}


async def test_a_client_secret_inside_a_document_is_tested_alone() -> None:
    world = _ClientSecretWorld()
    replica = RotationReplica(world)

    begun = await replica.rotated()
    held = SecretValue(json.loads(world.value(""))["database"]["password"])
    await replica.pass_time(2 * DAY)

    assert begun.state is RotationState.OVERLAPPING
    assert "a sign-in with it succeeded" in next(
        words_of(one.note) for one in begun.records if one.step is Step.WRITE
    )
    assert (await replica.rotation()).state is RotationState.ROTATED
    assert world.passwords.is_good(APPLICATION, held)
    assert len(world.passwords.key_ids(APPLICATION)) == 1
