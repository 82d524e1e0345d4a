"""What rotation is promised of Azure, asked of the fakes and of the real adapters alike."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.secrets import SecretValue
from sandbox.seed import SLOT, VAULT
from services.faults import Rejected
from services.rotation.dependents.kind import AppGone
from tests.services.azure.contract_azure import APP, EXPIRY, NAME, NO_APP, PLAIN, STAGING, Azure
from tests.support.sandbox import now


async def test_what_is_written_is_current_and_can_be_read(azure: Azure) -> None:
    made = await azure.write("first")

    version, value = await azure.current()

    assert made == version.id
    assert value == SecretValue("first")
    assert await azure.read(made) == (version, value)


async def test_tags_content_type_and_expiry_are_those_asked_for(azure: Azure) -> None:
    wanted = replace(
        PLAIN, tags={"team": "web"}, content_type="password", expires_at=EXPIRY, id="ignored"
    )

    made = await azure.write("first", version=wanted)
    version, _ = await azure.read(made)

    assert replace(version, id="ignored", created_at=None) == wanted
    assert version.created_at is not None
    assert abs((version.created_at - now()).total_seconds()) < 60


async def test_the_time_from_which_it_is_to_be_used_is_the_one_asked_for(azure: Azure) -> None:
    tomorrow = (now() + timedelta(days=1)).replace(microsecond=0)

    await azure.write("first", version=replace(PLAIN, not_before=tomorrow, expires_at=EXPIRY))
    version, value = await azure.current()

    assert (version.not_before, version.expires_at) == (tomorrow, EXPIRY)
    assert value == SecretValue("first")


async def test_a_version_that_would_expire_before_it_is_to_be_used_is_rejected(
    azure: Azure,
) -> None:
    with pytest.raises(Rejected):
        await azure.write("x", version=replace(PLAIN, not_before=EXPIRY, expires_at=EXPIRY))


@pytest.mark.parametrize(("tags", "is_taken"), [(15, True), (16, False)])
async def test_a_version_has_fifteen_tags_at_the_most(
    azure: Azure, tags: int, *, is_taken: bool
) -> None:
    wanted = replace(PLAIN, tags={f"tag-{number}": "x" for number in range(tags)})

    with nullcontext() if is_taken else pytest.raises(Rejected):
        await azure.write("first", version=wanted)

    assert len(await azure.versions.list(azure.vault.url, NAME)) == int(is_taken)


async def test_a_secret_of_a_certificate_is_known_and_cannot_be_set(azure: Azure) -> None:
    azure.certify(NAME)

    version, _ = await azure.current()

    assert version.managed
    assert await azure.versions.list(azure.vault.url, NAME) == [version]
    with pytest.raises(Rejected):
        await azure.write("first")


async def test_a_deleted_secret_is_known_and_its_name_is_taken(azure: Azure) -> None:
    await azure.write("first")
    before = await azure.versions.is_deleted(azure.vault.url, NAME)

    azure.delete(NAME)

    assert (before, await azure.versions.is_deleted(azure.vault.url, NAME)) == (False, True)
    with pytest.raises(Rejected):
        await azure.current()
    with pytest.raises(Rejected):
        await azure.write("second")


async def test_a_new_version_has_no_tags_of_the_one_before(azure: Azure) -> None:
    await azure.write("first", version=replace(PLAIN, tags={"team": "web"}, content_type="text"))
    await azure.write("second")

    version, _ = await azure.current()

    assert version.tags == {}
    assert version.content_type is None
    assert version.expires_at is None


async def test_an_older_version_keeps_its_value(azure: Azure) -> None:
    first = await azure.write("first")
    await azure.write("second")

    _, value = await azure.read(first)

    assert value == SecretValue("first")


async def test_all_versions_are_listed_in_no_order_of_time(azure: Azure) -> None:
    made = [await azure.write(str(number)) for number in range(30)]

    listed = [version.id for version in await azure.versions.list(azure.vault.url, NAME)]

    assert set(made) == set(listed)
    assert len(made) == len(listed)
    assert made != listed


async def test_a_listed_version_is_the_one_that_is_read(azure: Azure) -> None:
    await azure.write("first", version=replace(PLAIN, tags={"team": "web"}, expires_at=EXPIRY))

    listed = await azure.versions.list(azure.vault.url, NAME)

    assert [(await azure.current())[0]] == listed


async def test_an_unknown_secret_has_no_versions_and_cannot_be_read(azure: Azure) -> None:
    assert await azure.versions.list(azure.vault.url, NAME) == []
    with pytest.raises(Rejected):
        await azure.current()


async def test_an_unknown_version_is_rejected(azure: Azure) -> None:
    await azure.write("first")

    with pytest.raises(Rejected):
        await azure.read("0" * 32)
    with pytest.raises(Rejected) as refused:
        await azure.disable("0" * 32)
    assert refused.value.status == 404


async def test_a_name_knows_no_case(azure: Azure) -> None:
    made = await azure.write("first")

    version, _ = await azure.current(NAME.upper())

    assert made == version.id


async def test_a_disabled_version_cannot_be_read_and_is_listed_as_such(azure: Azure) -> None:
    first = await azure.write("first")
    second = await azure.write("second")

    await azure.disable(first)
    listed = await azure.versions.list(azure.vault.url, NAME)

    assert {first: False, second: True} == {version.id: version.enabled for version in listed}
    with pytest.raises(Rejected):
        await azure.read(first)


async def test_where_the_newest_is_disabled_nothing_is_current(azure: Azure) -> None:
    await azure.write("first")
    second = await azure.write("second")

    await azure.disable(second)

    with pytest.raises(Rejected):
        await azure.current()


async def test_disabling_keeps_the_rest_of_a_version_and_may_be_repeated(azure: Azure) -> None:
    wanted = replace(PLAIN, tags={"team": "web"}, content_type="password", expires_at=EXPIRY)
    made = await azure.write("first", version=wanted)
    before, _ = await azure.read(made)

    await azure.disable(made)
    await azure.disable(made)

    assert [replace(before, enabled=False)] == await azure.versions.list(azure.vault.url, NAME)


async def test_the_old_value_can_be_made_current_again(azure: Azure) -> None:
    first = await azure.write("first")
    second = await azure.write("second")
    _, old = await azure.read(first)

    third = await azure.write(old.reveal())
    await azure.disable(second)
    version, value = await azure.current()

    assert third == version.id
    assert value == SecretValue("first")


async def test_a_change_replaces_all_settings(azure: Azure) -> None:
    await azure.set(APP, KEPT="yes")

    await azure.apps.replace(APP, {"ONLY": SecretValue("this")})

    assert await azure.apps.read(APP) == {"ONLY": SecretValue("this")}


async def test_settings_read_back_exactly_as_they_were_written(azure: Azure) -> None:
    odd = {
        "EMPTY": "",
        "SPACED": "  two  words ",
        "UNICODE": "grüße 🔑",
        "LINES": "a\r\nb",
        "Dotted:Key__0": "x",
    }
    settings = {name: SecretValue(value) for name, value in odd.items()}

    await azure.apps.replace(APP, settings)

    assert await azure.apps.read(APP) == settings


async def test_a_slot_has_settings_of_its_own(azure: Azure) -> None:
    before = await azure.apps.read(APP)

    await azure.apps.replace(STAGING, {"ONLY": SecretValue("staging")})

    assert await azure.apps.read(APP) == before
    assert await azure.apps.read(STAGING) == {"ONLY": SecretValue("staging")}


async def test_an_unversioned_reference_follows_when_it_is_refreshed(azure: Azure) -> None:
    first = await azure.write("first")
    await azure.set(APP, KEY=azure.reference())
    second = await azure.write("second")

    before = await azure.resolved("KEY")
    await azure.apps.refresh(APP)

    assert ("Resolved", first) == before
    assert await azure.resolved("KEY") == ("Resolved", second)


async def test_a_pinned_reference_stays_until_it_is_rewritten(azure: Azure) -> None:
    first = await azure.write("first")
    await azure.set(APP, KEY=azure.reference(first))
    second = await azure.write("second")
    await azure.apps.refresh(APP)

    before = await azure.resolved("KEY")
    await azure.set(APP, KEY=azure.reference(second))

    assert ("Resolved", first) == before
    assert await azure.resolved("KEY") == ("Resolved", second)


async def test_a_reference_by_the_vaults_name_resolves_too(azure: Azure) -> None:
    made = await azure.write("first")

    await azure.set(APP, KEY=f"@Microsoft.KeyVault(VaultName={VAULT};SecretName={NAME})")

    assert await azure.resolved("KEY") == ("Resolved", made)


async def test_a_change_resolves_all_references_of_the_app_but_of_no_slot(azure: Azure) -> None:
    first = await azure.write("first")
    for app in (APP, STAGING):
        await azure.set(app, KEY=azure.reference())
    second = await azure.write("second")

    await azure.set(APP, OTHER="changed")

    assert await azure.resolved("KEY") == ("Resolved", second)
    assert await azure.resolved("KEY", STAGING) == ("Resolved", first)


async def test_a_reference_to_a_disabled_version_is_not_resolved(azure: Azure) -> None:
    first = await azure.write("first")
    await azure.set(APP, KEY=azure.reference(first))

    await azure.disable(first)
    await azure.apps.refresh(APP)
    found = await azure.apps.reference(APP, "KEY")

    assert found is not None
    assert not found.is_resolved
    assert found.active_version is None


async def test_a_setting_that_is_no_reference_or_not_there_is_none(azure: Azure) -> None:
    await azure.set(APP, LITERAL="text")

    assert await azure.apps.reference(APP, "LITERAL") is None
    assert await azure.apps.reference(APP, "MISSING") is None


async def test_an_unknown_app_or_slot_is_gone(azure: Azure) -> None:
    for missing in (NO_APP, replace(APP, slot="no-such-slot"), replace(NO_APP, slot=SLOT)):
        with pytest.raises(AppGone):
            await azure.apps.read(missing)
        with pytest.raises(AppGone):
            await azure.apps.replace(missing, {})
        with pytest.raises(AppGone):
            await azure.apps.reference(missing, "KEY")
        with pytest.raises(AppGone):
            await azure.apps.refresh(missing)


async def test_what_others_wrote_is_seen(azure: Azure) -> None:
    made = azure.put(NAME, "by hand")

    version, value = await azure.current()

    assert made == version.id
    assert value == SecretValue("by hand")


async def test_a_setting_in_another_spelling_is_the_same_one_and_is_renamed(azure: Azure) -> None:
    await azure.set(APP, API_KEY="first")
    settings = dict(await azure.apps.read(APP))
    value = settings.pop("API_KEY")

    await azure.apps.replace(APP, {**settings, "Api_Key": value})

    assert await azure.apps.read(APP) == {**settings, "Api_Key": value}


async def test_two_spellings_of_one_setting_are_a_conflict(azure: Azure) -> None:
    await azure.set(APP, API_KEY="first")
    before = await azure.apps.read(APP)

    with pytest.raises(Rejected) as conflict:
        await azure.set(APP, Api_Key="second")

    assert conflict.value.status == 409
    assert await azure.apps.read(APP) == before


async def test_a_reference_is_found_by_any_spelling_of_its_setting(azure: Azure) -> None:
    made = await azure.write("first")
    await azure.set(APP, FLOATING=azure.reference())

    assert await azure.resolved("floating") == ("Resolved", made)
