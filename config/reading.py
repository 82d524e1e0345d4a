"""Reads the settings and the policy file; all errors are reported at once, by name."""

from collections.abc import Mapping, Set
from typing import Any

from pydantic import ValidationError

from config.combinations import faults_between
from config.libraries import faults_for_libraries
from config.settings import Settings
from services import variables
from services.policies import Policies
from services.policy_file.defaults import Defaults
from services.policy_file.problems import PolicyFileError
from services.policy_file.reading import read_policies
from services.rotation.kinds import RotationKinds
from services.variable_names import misspelt

STAND_INS = {
    "MicrosoftAppTenantId": "00000000-0000-0000-0000-000000000000",
    "AZURE_TENANT_ID": "00000000-0000-0000-0000-000000000000",
    "AZURE_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000000",
    "AZURE_RESOURCE_GROUP": "unknown",
    "SECRET_APPROVER_EMAIL": ",".join(f"approver-{number}@unknown" for number in range(20)),
    "MAX_ACCESS_HOURS": "100000",
    "MIN_ACCESS_MINUTES": "0.02",
    "PUBLIC_URL": "https://unknown",
    "SIGN_IN_CLIENT_ID": "00000000-0000-0000-0000-000000000000",
}
"""Values used for invalid variables while the policy file is checked: permissive ones, so that the
file isn't blamed for an error in a variable."""


class ConfigurationError(Exception):
    """The configuration has errors; the message lists all of them."""

    def __init__(self, faults: list[str]) -> None:
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(f"Latchkey cannot start with this configuration:\n{lines}")
        self.faults = faults


def read_configuration(environment: Mapping[str, str], kinds: RotationKinds) -> Settings:
    """Read the settings and check the policy file they name.

    ``kinds`` are the registered issuers and dependents. Raises ConfigurationError with all errors
    of the variables and the file.
    """
    given = _given(environment)
    settings, faults, wrong = _read(given)
    faults += _faults_of_policy_file(given, wrong, kinds)
    if settings is None or faults:
        raise ConfigurationError(faults)
    return settings


def log_format_of(environment: Mapping[str, str]) -> str:
    """Return how to log, even if other settings are wrong; as text if this one is."""
    try:
        return variables.log_format(environment.get("LOG_FORMAT", "").strip() or "text")
    except ValueError:
        return "text"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read only the settings; raises ConfigurationError with all errors of the variables."""
    settings, faults, _ = _read(_given(environment))
    if settings is None or faults:
        raise ConfigurationError(faults)
    return settings


def _given(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value.strip() for name, value in environment.items() if value.strip()}


def _read(given: Mapping[str, str]) -> tuple[Settings | None, list[str], Set[str]]:
    """Return the settings (None if invalid), all errors, and the invalid variables."""
    faults = [*faults_between(given), *faults_for_libraries(given)]
    try:
        return Settings.model_validate(given), sorted(faults), frozenset()
    except ValidationError as error:
        found = error.errors()
    faults += map(_say, found)
    return None, sorted(faults), frozenset(map(_variable, found))


def misspelt_variables(environment: Mapping[str, str]) -> list[str]:
    """Suggest a setting for each variable that looks like a misspelt one."""
    return misspelt(environment, (str(field.alias) for field in Settings.model_fields.values()))


def _faults_of_policy_file(
    given: Mapping[str, str], wrong: Set[str], kinds: RotationKinds
) -> list[str]:
    """Return the errors of the policy file, ignoring the invalid variables in ``wrong``."""
    if "POLICY_FILE" not in given:
        return []
    usable = {name: value for name, value in given.items() if name not in wrong}
    stand_ins = {name: value for name, value in STAND_INS.items() if name in wrong}
    try:
        read_rules(Settings.model_validate(usable | stand_ins), kinds)
    except ConfigurationError as error:
        return error.faults
    return []


def read_rules(settings: Settings, kinds: RotationKinds) -> Policies:
    """Read the rules from the policy file, with the variables as defaults.

    ``kinds`` are the registered issuers and dependents. Raises ConfigurationError with all errors
    of the file.
    """
    try:
        content = settings.policy_file.read_bytes() if settings.policy_file else b""
        return rules_of(content, settings, kinds)
    except OSError as error:
        reason = error.strerror
        raise ConfigurationError([f"POLICY_FILE: cannot be read: {reason}"]) from None
    except PolicyFileError as error:
        raise ConfigurationError(error.faults) from None


def rules_of(content: bytes, settings: Settings, kinds: RotationKinds) -> Policies:
    """Read the rules of a policy file; raises PolicyFileError with all its errors."""
    defaults = Defaults(
        access=settings.policy,
        requestable=settings.allowed_secrets,
        rotation=settings.rotation_policy,
        overlap=settings.overlap,
        subscription=settings.subscription_id,
        resource_group=settings.resource_group,
        vault_suffix=settings.endpoints.vault_suffix,
        missing_for_sign_in=settings.missing_for_sign_in,
    )
    try:
        text = content.decode("utf-8-sig")  # some editors begin a file with a byte order mark
    except UnicodeDecodeError:
        raise PolicyFileError(["POLICY_FILE: cannot be read: it is not UTF-8"]) from None
    return read_policies(text, str(settings.policy_file or ""), defaults, kinds)


def _variable(fault: Any) -> str:
    """Return the variable that an error is about; for a default, Pydantic names the field."""
    name = fault["loc"][0]
    field = Settings.model_fields.get(name)
    return str(field.alias if field else name)


def _say(fault: Any) -> str:
    """Describe one error without its value, which may be a credential."""
    name, value = _variable(fault), fault["input"]
    if fault["type"] == "missing":
        return f"{name}: is required"
    said = fault["ctx"]["error"] if fault["type"] == "value_error" else "a different value"
    is_quoted = isinstance(value, str) and value[0] in "\"'" and value[0] == value[-1]
    return f"{name}: must be {said}{' (without quotes around it)' if is_quoted else ''}"
