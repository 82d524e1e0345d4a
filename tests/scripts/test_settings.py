"""The local bot starts with these settings, and all of them stay on this machine."""

from pathlib import Path

import pytest

from config import read_settings
from sandbox.seed import AVERY
from scripts import settings
from scripts.playground import Window
from scripts.ports import Ports


@pytest.fixture
def variables() -> dict[str, str]:
    ports = Ports()
    return settings.of_bot(ports, Window(AVERY, ports.approver), Path("sandbox"))


def test_the_bot_accepts_them(variables: dict[str, str]) -> None:
    read = read_settings(variables)

    assert read.local
    assert read.app_id is None


def test_every_address_is_on_this_machine(variables: dict[str, str]) -> None:
    endpoints = read_settings(variables).endpoints

    addresses = (endpoints.resource_manager, endpoints.graph, endpoints.authority)
    assert {read_settings(variables).vault_url, *addresses} == {"https://localhost:8443"}


@pytest.mark.parametrize(
    "name",
    [
        "AZURE_CLIENT_SECRET",
        "MicrosoftAppId",
        "KEY_VAULT_URL",
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
    ],
)
def test_variables_of_the_persons_own_azure_are_dropped(name: str) -> None:
    assert name not in settings.common({name: "theirs", "PATH": "/bin"})


def test_the_rest_of_the_persons_environment_is_kept() -> None:
    assert settings.common({"PATH": "/bin"})["PATH"] == "/bin"
