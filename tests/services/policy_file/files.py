"""Policy files for tests, with fixed variables and an issuer that takes one option."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from composition import kinds
from domain.rotation.policy import RotationPolicy, Schedule
from domain.rotation.rotation import AppSlot, Dependent
from services.policies import Policies
from services.policy_file.defaults import Defaults
from services.policy_file.problems import PolicyFileError
from services.policy_file.reading import read_policies
from services.rotation.issuers.issuer import IssuerKind
from services.rotation.kinds import RotationKinds
from tests.support.builders import VAULT, a_policy

SUBSCRIPTION = "5b1c0000-0000-4000-8000-000000000001"
OTHER_SUBSCRIPTION = "5b1c0000-0000-4000-8000-000000000002"
APP = AppSlot(SUBSCRIPTION, "rg-demo", "checkout-api")

PLAIN = Defaults(
    access=a_policy(secret=""),
    requestable=(),
    rotation=None,
    overlap=timedelta(hours=24),
    subscription=SUBSCRIPTION,
    resource_group="rg-demo",
    vault_suffix="vault.azure.net",
)
ROTATED = RotationPolicy(
    secret="app-api-key",
    vault=VAULT,
    dependents=(Dependent(APP, "API_KEY"),),
    schedule=Schedule("0 3 1 * *"),
)
WITH_VARIABLES = replace(PLAIN, requestable=("demo-api-key",), rotation=ROTATED)


def check_length(options: Sequence[tuple[str, str]]) -> list[str]:
    return [f"{name}: no such option" for name, _ in options if name != "length"]


ISSUERS = {
    "random": replace(kinds.KINDS.issuers["random"], check_options=check_length),
    "other": IssuerKind(name="other", check_options=check_length),
}
KINDS = RotationKinds(ISSUERS, kinds.KINDS.dependents)


def read(text: str, defaults: Defaults = PLAIN) -> Policies:
    return read_policies(text, "policy.toml", defaults, KINDS)


def faults_in(text: str, defaults: Defaults = PLAIN) -> list[str]:
    """Return the errors of a faulty file, without the file's name."""
    try:
        read(text, defaults)
    except PolicyFileError as error:
        return [fault.removeprefix("policy.toml, ") for fault in error.faults]
    raise AssertionError("the file has no fault")
