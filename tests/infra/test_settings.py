"""The variables set by infra are those that the bot reads."""

import json
import py_compile
import re
import runpy
import shlex
from collections.abc import Callable
from datetime import timedelta
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from composition.background import CLOSE_SECONDS, END_AFTER_SECONDS
from config import ConfigurationError, Settings, read_settings
from domain.rotation.policy import Schedule
from services.variables import LOG_FORMATS
from tests.infra import bicep

CLIENT_ID = "5f0c3f0e-6d0b-4c59-8f0b-2a8f9d1c7e11"
TENANT_ID = "7d3c2f0a-91c4-4f0e-8a55-0c6f2f1e9b77"
SUBSCRIPTION_ID = "1d2c3b4a-5f6e-4789-9abc-def012345678"

# For App Service itself: it builds the deployed files, and waits for the bot to stop.
OF_THE_PLATFORM = {
    "POST_BUILD_COMMAND",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "WEBSITES_CONTAINER_STOP_TIME_LIMIT",
}

_UNCHECKED_HASH = 1
"""The flags in a compiled file that is used whatever its source's time (PEP 552)."""

FROM_AZURE = {
    "identity.outputs.clientId": CLIENT_ID,
    "tenant().tenantId": TENANT_ID,
    "subscription().subscriptionId": SUBSCRIPTION_ID,
    "storage.outputs.tablesEndpoint": "https://latchkeyabc.table.core.windows.net/",
    "empty(archiveName) ? '' : archive!.outputs.url": "",
    "withTelemetry && withReads ? readLog!.outputs.customerId : ''": "",
    "environment().name": "AzureCloud",
    "withTelemetry ? telemetry!.outputs.connectionString : ''": "",
    "newGuid()": "0f8fad5b-d9cb-469f-a165-70867728950e",
}


def set_by_infra() -> dict[str, str]:
    """Return the expression for each variable set by infra."""
    settings = bicep.block(bicep.source("main.bicep"), "settings: {")
    own = bicep.block(bicep.source("modules/app.bicep"), "union(settings, {")
    return bicep.members(settings) | bicep.members(own)


def environment_of(expressions: dict[str, str], **changed: str) -> dict[str, str]:
    """Return the bot's environment with the example's parameters.

    Parameters can be overridden, as they would be written in the example.
    """
    given = bicep.values(bicep.source("main.bicepparam")) | changed
    defaults = re.findall(r"^param (\w+) \S+ = (.+)$", bicep.source("main.bicep"), re.MULTILINE)
    parameters = dict(defaults) | given
    return {name: evaluate(written, parameters) for name, written in expressions.items()}


def evaluate(written: str, parameters: dict[str, str]) -> str:
    """Evaluate the few kinds of expressions used in settings."""
    if written in FROM_AZURE:
        return FROM_AZURE[written]
    if literal := re.fullmatch(r"'([^']*)'", written):
        return literal[1]
    if parameter := re.fullmatch(r"\w+", written):
        return evaluate(parameters[parameter[0]], parameters)
    call = re.fullmatch(r"(string|join)\((\w+)(?:, ',')?\)", written)
    if call is None:
        raise ValueError(f"this test doesn't support the expression {written}")
    names = _names(parameters[call[2]], parameters)
    functions: dict[str, Callable[[list[str]], str]] = {"string": json.dumps, "join": ",".join}
    return functions[call[1]](names)


def _names(written: str, parameters: dict[str, str]) -> list[str]:
    if written in parameters:
        return _names(parameters[written], parameters)
    names: list[str] = json.loads(written.replace("'", '"'))
    return names


def test_the_bot_knows_every_variable_set_by_infra() -> None:
    known = {field.alias for field in Settings.model_fields.values()}

    assert set(set_by_infra()) - known - OF_THE_PLATFORM == set()


def test_app_service_waits_for_the_bot_to_stop() -> None:
    """Ten seconds is what `tests/outside/processes/test_stopped.py` sees the program keep to."""
    waits = int(set_by_infra()["WEBSITES_CONTAINER_STOP_TIME_LIMIT"].strip("'"))

    assert END_AFTER_SECONDS + 2 * CLOSE_SECONDS <= 10 < waits <= 120


def test_what_app_service_builds_stays_compiled_when_it_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its build copies the files without their times (`rsync -rcE`) before it packs them."""
    module = tmp_path / "module.py"
    module.write_text("")
    py_compile.compile(str(module))  # as pip compiles packages, before the command runs
    command = evaluate(set_by_infra()["POST_BUILD_COMMAND"], {})
    *compileall, _, _ = shlex.split(command)
    monkeypatch.chdir(tmp_path)

    monkeypatch.setattr("sys.argv", compileall[2:])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(compileall[2], run_name="__main__")

    compiled = Path(cache_from_source(str(module))).read_bytes()
    assert ended.value.code == 0
    assert int.from_bytes(compiled[4:8], "little") == _UNCHECKED_HASH


def test_the_signal_to_stop_reaches_the_bot() -> None:
    assert "appCommandLine: 'exec python app.py'\n" in bicep.source("modules/app.bicep")


def test_it_can_run_on_every_python_that_is_tested() -> None:
    ci = (bicep.INFRA.parent / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    main = bicep.source("main.bicep")

    allowed = re.search(r"@allowed\((\[.+\])\)\nparam pythonVersion string = '(.+)'", main)
    assert allowed
    assert allowed[2] in allowed[1]
    assert set(re.findall(r"3\.\d+", allowed[1])) == set(re.findall(r'"(3\.\d+)"', ci))


def test_it_can_log_in_each_form() -> None:
    main = bicep.source("main.bicep")

    allowed = re.search(r"@allowed\((\[.+\])\)\nparam logFormat string = '(.+)'", main)
    assert allowed
    assert tuple(re.findall(r"\w+", allowed[1])) == LOG_FORMATS
    written = environment_of(set_by_infra(), logFormat="'json'")
    assert read_settings(written).log_format == "json"


def test_the_bot_starts_with_these_variables() -> None:
    settings = read_settings(environment_of(set_by_infra()))

    assert settings.app_type == "UserAssignedMSI"
    assert settings.tenants == frozenset({TENANT_ID})
    assert settings.allowed_secrets == ("demo-api-key", "app-api-key")
    assert settings.approvers == settings.admins == ("avery@contoso.com", "robin@contoso.com")
    assert settings.vault_id.startswith(
        f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/contoso-secrets/"
    )


def test_nothing_is_rotated_by_default() -> None:
    settings = read_settings(environment_of(set_by_infra()))

    assert settings.rotation_policy is None
    assert settings.policy_file is None


def test_parameters_can_configure_a_rotation_with_its_dependent() -> None:
    environment = environment_of(
        set_by_infra(),
        rotationSecretName="'app-api-key'",
        rotationSchedule="'30 2 * * *'",
        rotationOverlapHours="'0.5'",
        dependentAppServiceName="'contoso-web/staging'",
        dependentAppSetting="'API_KEY'",
        policyFile="'policy.toml'",
    )

    settings = read_settings(environment)

    rotation = settings.rotation_policy
    assert rotation
    assert rotation.secret == "app-api-key"
    assert rotation.schedule == Schedule("30 2 * * *")
    assert rotation.overlap == timedelta(minutes=30)
    assert [str(dependent) for dependent in rotation.dependents] == ["contoso-web/staging API_KEY"]
    assert settings.policy_file == Path("policy.toml")


@pytest.mark.parametrize("path", ["main.bicep", "modules/app.bicep"])
def test_the_token_of_the_metrics_is_not_in_the_history_of_deployments(path: str) -> None:
    assert set_by_infra()["METRICS_TOKEN"] == "metricsToken"
    assert re.search(r"^@secure\(\)\nparam metricsToken string", bicep.source(path), re.MULTILINE)


def test_nobody_reads_the_metrics_of_a_deployment_without_its_token() -> None:
    """One that can be computed, such as from the group's ID, would be no secret."""
    default = read_settings(environment_of(set_by_infra()))
    opened = read_settings(environment_of(set_by_infra(), metricsToken="''"))

    assert "@secure()\nparam metricsToken string = newGuid()\n" in bicep.source("main.bicep")
    assert default.metrics_token is not None
    assert opened.metrics_token is None


def test_the_bot_has_one_identity_in_teams_and_in_azure() -> None:
    settings = read_settings(environment_of(set_by_infra()))

    assert settings.app_id == settings.azure_client_id == CLIENT_ID
    assert settings.app_password is None
    assert settings.storage_connection_string is None


@pytest.mark.parametrize(
    "needed",
    [
        "MicrosoftAppId",
        "MicrosoftAppTenantId",
        "KEY_VAULT_NAME",
        "AZURE_SUBSCRIPTION_ID",
        "AZURE_RESOURCE_GROUP",
        "SECRET_APPROVER_EMAIL",
        "ADMIN_TEAMS_CHANNEL_ID",
        "AZURE_TABLES_ENDPOINT",
    ],
)
def test_leaving_out_a_required_variable_is_an_error(needed: str) -> None:
    environment = environment_of(set_by_infra())

    del environment[needed]

    with pytest.raises(ConfigurationError, match=needed):
        read_settings(environment)
