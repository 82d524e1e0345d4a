"""The local bot starts with these settings, and all of them stay on this machine."""

from pathlib import Path

import pytest

from composition.kinds import KINDS
from config import read_rules, read_settings
from domain.access.rules.step_up_rule import StepUpAct
from sandbox.seed import AVERY, DEMO_DB_PASSWORD
from scripts.local import settings
from scripts.local.playground import Window
from scripts.local.ports import Ports
from tests.support.deployment import prepare_trust


@pytest.fixture(scope="session")
def sandbox_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare_trust(tmp_path_factory.mktemp("trust")).sandbox_directory


@pytest.fixture
def variables(sandbox_directory: Path) -> dict[str, str]:
    ports = Ports()
    return settings.of_bot(ports, Window(AVERY, ports.approver), sandbox_directory)


def test_the_bot_accepts_them(variables: dict[str, str]) -> None:
    read = read_settings(variables)

    assert read.local
    assert read.app_id is None


def test_the_policy_file_only_adds_a_secret_whose_approval_needs_a_sign_in(
    variables: dict[str, str],
) -> None:
    with_file = read_rules(read_settings(variables), KINDS)
    del variables["POLICY_FILE"]
    without = read_rules(read_settings(variables), KINDS)

    added = with_file.of(DEMO_DB_PASSWORD)
    assert added
    assert added.step_up.covers(StepUpAct.APPROVE)
    assert without.of(DEMO_DB_PASSWORD) is None
    assert [one for one in with_file.all() if one is not added] == list(without.all())
    assert list(with_file.rotated()) == list(without.rotated())


def test_every_address_is_on_this_machine(variables: dict[str, str]) -> None:
    endpoints = read_settings(variables).endpoints

    addresses = (
        endpoints.resource_manager,
        endpoints.graph,
        endpoints.authority,
        endpoints.log_analytics,
    )
    assert {read_settings(variables).vault_url, *addresses} == {"https://localhost:8443"}


@pytest.mark.parametrize(
    "name",
    [
        "AZURE_CLIENT_SECRET",
        "MicrosoftAppId",
        "KEY_VAULT_URL",
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
        "SIGN_IN_CLIENT_SECRET",
        "LOG_ANALYTICS_WORKSPACE_ID",
        "ARCHIVE_CONTAINER_URL",
    ],
)
def test_variables_of_the_persons_own_azure_are_dropped(name: str) -> None:
    assert name not in settings.common({name: "theirs", "PATH": "/bin"})


def test_the_rest_of_the_persons_environment_is_kept() -> None:
    assert settings.common({"PATH": "/bin"})["PATH"] == "/bin"
