"""What rotation is promised of each kind of dependent, by the fakes and by the adapters alike."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from domain.rotation.rotation import AppSlot, Dependent
from domain.secrets import SecretValue
from sandbox.seed import SLOT
from services.faults import Rejected
from services.rotation.dependents import app_setting, connection_string
from services.rotation.dependents.kind import AppGone, DependentEntry, Dependents
from tests.services.azure.contract_azure import APP, NO_APP, STAGING, Azure


@pytest.fixture(params=["app_setting", "connection_string"])
def kind(request: pytest.FixtureRequest, azure: Azure) -> Dependents:
    kinds: Mapping[str, Dependents] = {
        "app_setting": app_setting.AppSettingDependents(azure.apps),
        "connection_string": connection_string.ConnectionStringDependents(azure.strings),
    }
    return kinds[request.param]


def _made(kind: Dependents, value: str, **options: str) -> DependentEntry:
    """Return what a rotation adds to an app for a dependent with these options."""
    dependent = Dependent(APP, "KEY", kind=kind.kind.name, options=tuple(options.items()))
    return kind.made(dependent, SecretValue(value))


async def _set(kind: Dependents, app: AppSlot = APP, **changes: str) -> None:
    """Change what there is as whoever merges does: all of it is written."""
    made = {name: _made(kind, value) for name, value in changes.items()}
    await kind.replace(app, {**await kind.read(app), **made})


async def _resolved(kind: Dependents, name: str, app: AppSlot = APP) -> tuple[str, str | None]:
    found = await kind.reference(app, name)
    assert found is not None
    return found.status, found.active_version


async def test_a_change_replaces_all_that_there_is(kind: Dependents) -> None:
    await _set(kind, KEPT="no")

    await kind.replace(APP, {"ONLY": _made(kind, "this")})

    assert await kind.read(APP) == {"ONLY": _made(kind, "this")}


async def test_what_is_written_reads_back_exactly(kind: Dependents) -> None:
    odd = {"EMPTY": "", "UNICODE": "grüße 🔑", "LINES": "a\r\nb", "Dotted:Key__0": "x"}
    entries = {name: _made(kind, value) for name, value in odd.items()}

    await kind.replace(APP, entries)

    assert await kind.read(APP) == entries


async def test_a_slot_has_what_is_its_own(kind: Dependents) -> None:
    before = await kind.read(APP)

    await kind.replace(STAGING, {"ONLY": _made(kind, "staging")})

    assert await kind.read(APP) == before
    assert await kind.read(STAGING) == {"ONLY": _made(kind, "staging")}


async def test_a_change_of_one_kind_leaves_the_other_one_as_it_is(
    kind: Dependents, azure: Azure
) -> None:
    others = [
        app_setting.AppSettingDependents(azure.apps),
        connection_string.ConnectionStringDependents(azure.strings),
    ]
    [other] = [each for each in others if each.kind != kind.kind]
    await _set(other, THEIRS="theirs")
    before = await other.read(APP)

    await kind.replace(APP, {"ONLY": _made(kind, "this")})

    assert await other.read(APP) == before


async def test_an_unversioned_reference_follows_when_it_is_refreshed(
    kind: Dependents, azure: Azure
) -> None:
    first = await azure.write("first")
    await _set(kind, KEY=azure.reference())
    second = await azure.write("second")

    before = await _resolved(kind, "key")
    await kind.refresh(APP)

    assert before == ("Resolved", first)
    assert await _resolved(kind, "key") == ("Resolved", second)


async def test_a_pinned_reference_stays_until_it_is_rewritten(
    kind: Dependents, azure: Azure
) -> None:
    first = await azure.write("first")
    await _set(kind, STAGING, KEY=azure.reference(first))
    second = await azure.write("second")
    await kind.refresh(STAGING)

    before = await _resolved(kind, "KEY", STAGING)
    await _set(kind, STAGING, KEY=azure.reference(second))

    assert before == ("Resolved", first)
    assert await _resolved(kind, "KEY", STAGING) == ("Resolved", second)


async def test_what_is_no_reference_or_not_there_is_none(kind: Dependents) -> None:
    await _set(kind, LITERAL="text")

    assert await kind.reference(APP, "LITERAL") is None
    assert await kind.reference(APP, "MISSING") is None


async def test_an_unknown_app_or_slot_is_gone(kind: Dependents) -> None:
    for missing in (NO_APP, replace(APP, slot="no-such-slot"), replace(NO_APP, slot=SLOT)):
        with pytest.raises(AppGone):
            await kind.read(missing)
        with pytest.raises(AppGone):
            await kind.replace(missing, {})
        with pytest.raises(AppGone):
            await kind.reference(missing, "KEY")
        with pytest.raises(AppGone):
            await kind.refresh(missing)


async def test_two_spellings_of_one_name_are_a_conflict(kind: Dependents) -> None:
    await _set(kind, API_KEY="first")
    before = await kind.read(APP)

    with pytest.raises(Rejected) as conflict:
        await _set(kind, Api_Key="second")

    assert conflict.value.status == 409
    assert await kind.read(APP) == before


@pytest.mark.parametrize("name", connection_string.TYPES)
async def test_a_connection_string_has_its_type(azure: Azure, name: str) -> None:
    kind = connection_string.ConnectionStringDependents(azure.strings)
    made = _made(kind, "Server=x", type=name)

    await kind.replace(APP, {"DefaultConnection": made})

    assert await kind.read(APP) == {
        "DefaultConnection": DependentEntry(SecretValue("Server=x"), name)
    }


async def test_a_connection_string_without_a_type_in_the_policy_is_custom(azure: Azure) -> None:
    kind = connection_string.ConnectionStringDependents(azure.strings)

    assert _made(kind, "Server=x") == DependentEntry(SecretValue("Server=x"), "Custom")
