"""The issuers and kinds of dependents: one line each, with the adapter behind it."""

from collections.abc import Callable
from dataclasses import dataclass

from composition.adapters import Adapters
from services.azure.app_services.app_settings import AppServiceSettings
from services.azure.app_services.connection_strings import AppServiceConnectionStrings
from services.azure.entra.app_passwords import GraphAppPasswords
from services.azure.storage_keys import ArmStorageKeys
from services.rotation.dependents import app_setting, connection_string
from services.rotation.dependents.kind import DependentKind, Dependents
from services.rotation.holders import KeyHolders
from services.rotation.issuers import app_registration, random, storage_account
from services.rotation.issuers.issuer import Issuer, IssuerKind
from services.rotation.kinds import RotationKinds


@dataclass(frozen=True, slots=True)
class RegisteredIssuer:
    kind: IssuerKind
    make: Callable[[Adapters], Issuer]


@dataclass(frozen=True, slots=True)
class RegisteredDependents:
    kind: DependentKind
    make: Callable[[Adapters], Dependents]


def _app_settings(azure: Adapters) -> Dependents:
    return app_setting.AppSettingDependents(azure.arm(AppServiceSettings))


def _connection_strings(azure: Adapters) -> Dependents:
    strings = azure.arm(AppServiceConnectionStrings)
    return connection_string.ConnectionStringDependents(strings)


def _storage_account(azure: Adapters) -> Issuer:
    holders = KeyHolders(azure.versions, azure.policies)
    return storage_account.StorageAccountIssuer(azure.arm(ArmStorageKeys), holders)


def _app_registration(azure: Adapters) -> Issuer:
    passwords = azure.graph(GraphAppPasswords)
    return app_registration.AppRegistrationIssuer(passwords, azure.sign_ins())


ISSUERS = (
    RegisteredIssuer(random.KIND, lambda _: random.RandomIssuer()),
    RegisteredIssuer(storage_account.KIND, _storage_account),
    RegisteredIssuer(app_registration.KIND, _app_registration),
)

DEPENDENTS = (
    RegisteredDependents(app_setting.KIND, _app_settings),
    RegisteredDependents(connection_string.KIND, _connection_strings),
)
"""A table in a policy file without any kind's key is read as the first kind."""

KINDS = RotationKinds(
    issuers={each.kind.name: each.kind for each in ISSUERS},
    dependents={each.kind.name: each.kind for each in DEPENDENTS},
)


def make_issuers(azure: Adapters) -> dict[str, Issuer]:
    """Construct all issuers, by name."""
    return {each.kind.name: each.make(azure) for each in ISSUERS}


def make_dependents(azure: Adapters) -> dict[str, Dependents]:
    """Construct the dependents' adapters, by the names of their kinds."""
    return {each.kind.name: each.make(azure) for each in DEPENDENTS}
