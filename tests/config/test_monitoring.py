"""The log and the metrics."""

import pytest

from config import log_format_of, read_settings
from tests.support.environment import METRICS_TOKEN, REQUIRED, fault_of, faults_of


def test_the_log_is_for_people_unless_json_is_wanted() -> None:
    given: list[dict[str, str]] = [{}, {"LOG_FORMAT": " JSON "}, {"LOG_FORMAT": "xml"}]

    assert [log_format_of(each) for each in given] == ["text", "json", "text"]
    assert read_settings(REQUIRED | {"LOG_FORMAT": "Json"}).log_format == "json"
    assert faults_of(REQUIRED | {"LOG_FORMAT": "xml"}) == ["LOG_FORMAT: must be one of text, json"]


@pytest.mark.parametrize("given", [METRICS_TOKEN[:31], "32 letters, and some spaces too", "ä" * 40])
def test_a_token_for_the_metrics_is_hard_to_guess_and_fits_into_a_header(given: str) -> None:
    assert "at least 32 letters and digits" in fault_of("METRICS_TOKEN", given)


def test_a_key_vault_reference_that_nobody_resolved_is_no_token() -> None:
    reference = "@Microsoft.KeyVault(SecretUri=https://demo-vault.vault.azure.net/secrets/token)"

    assert fault_of("METRICS_TOKEN", reference).endswith("hasn't resolved its Key Vault reference")
