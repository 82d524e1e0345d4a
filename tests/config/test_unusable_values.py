"""Values of variables that would fail later, or not mean what was set: reported, or honoured."""

from pathlib import Path

import pytest

from bot.transport.service_urls import ServiceUrls
from composition.teams import bot_cloud
from config import ConfigurationError, read_settings
from tests.support.certificates import an_app_certificate
from tests.support.deployment import prepare_trust
from tests.support.environment import INSTRUMENTATION_KEY, REQUIRED, TENANT

STORAGE = "AZURE_STORAGE_CONNECTION_STRING"
TELEMETRY = "APPLICATIONINSIGHTS_CONNECTION_STRING"
IDENTITY = {"AZURE_CLIENT_ID": TENANT, "AZURE_TENANT_ID": TENANT}


def faults_of(changed: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        read_settings(REQUIRED | changed)
    return refused.value.faults


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (STORAGE, "UseDevelopmentStorage=false"),
        (STORAGE, "AccountName=demo;AccountKey=abc"),
        (STORAGE, "AccountName=demo;AccountKey=not base64"),
        (STORAGE, "TableEndpoint=nope;SharedAccessSignature=sv=1"),
        (TELEMETRY, f"InstrumentationKey={INSTRUMENTATION_KEY};foo"),
        (TELEMETRY, f"InstrumentationKey={INSTRUMENTATION_KEY};A=b=c"),
        (TELEMETRY, f"InstrumentationKey={INSTRUMENTATION_KEY};IngestionEndpoint=nope"),
        ("AZURE_KEY_VAULT_SUFFIX", "https://vault.azure.net"),
        ("BOT_SERVICE_HOSTS", "smba.example.com, https://smba.example.com/"),
        ("BOT_SERVICE_URL", "https://not.allowed.example/"),
        ("KEY_VAULT_URL", "https://demo-vault.vault.azure.net/secrets/demo-api-key"),
        ("ALLOWED_SECRETS", "[" * 5_000),
        ("SSL_CERT_FILE", "/nowhere.pem"),
        ("SSL_CERT_FILE", __file__),
        ("HTTPS_PROXY", "proxy.example.com:3128"),
        ("HTTPS_PROXY", "http://[proxy"),
        ("HTTPS_PROXY", "http://proxy.example.com:port"),
    ],
)
def test_an_unusable_value_is_reported_by_its_variable(name: str, value: str) -> None:
    [fault] = faults_of({name: value})

    assert fault.startswith(f"{name}: ")


@pytest.mark.parametrize("proxy", ["http://proxy.example.com:3128", "https://user:word@10.0.0.1"])
def test_a_proxy_and_a_file_with_authorities_are_accepted(proxy: str, tmp_path: Path) -> None:
    bundle = prepare_trust(tmp_path).bundle

    read_settings(REQUIRED | {"HTTPS_PROXY": proxy, "SSL_CERT_FILE": str(bundle)})


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        (
            {"AZURE_CLIENT_ID": TENANT, "AZURE_CLIENT_SECRET": "s"},
            "AZURE_TENANT_ID: is required together with AZURE_CLIENT_SECRET",
        ),
        (
            {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_SECRET": "s"},
            "AZURE_CLIENT_ID: is required together with AZURE_CLIENT_SECRET",
        ),
        (
            {"AZURE_CLIENT_ID": TENANT, "AZURE_FEDERATED_TOKEN_FILE": "/token"},
            "AZURE_TENANT_ID: is required together with AZURE_FEDERATED_TOKEN_FILE",
        ),
        (
            {"DEPENDENT_APP_SERVICE_NAME": "app", "DEPENDENT_APP_SETTING": "KEY"},
            "ROTATION_SECRET_NAME: is required together with DEPENDENT_APP_SERVICE_NAME",
        ),
    ],
)
def test_what_is_missing_beside_another_variable_is_reported(
    changed: dict[str, str], fault: str
) -> None:
    assert faults_of(changed) == [fault]


@pytest.mark.parametrize("name", ["AZURE_CLIENT_CERTIFICATE_PATH", "SIGN_IN_CERTIFICATE_PATH"])
@pytest.mark.parametrize("content", [None, b"", b"root:x:0:0", b"-----BEGIN CERTIFICATE-----"])
def test_a_file_without_a_certificate_and_its_key_is_reported(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    file = tmp_path / "app.pem"
    if content is not None:
        file.write_bytes(content)

    [fault] = faults_of(IDENTITY | {name: str(file)})

    assert fault.startswith(f"{name}: must be a PEM")


def test_a_certificate_and_its_key_are_accepted(tmp_path: Path) -> None:
    file, own = tmp_path / "app.pem", an_app_certificate()
    file.write_text(own.key + own.certificate, encoding="ascii")

    settings = read_settings(REQUIRED | IDENTITY | {"AZURE_CLIENT_CERTIFICATE_PATH": str(file)})

    assert settings.azure_certificate_path == str(file)


@pytest.mark.parametrize("suffix", [".vault.azure.net", "VAULT.azure.net", "vault.azure.net"])
def test_the_vaults_domain_can_be_written_as_azures_tools_write_it(suffix: str) -> None:
    settings = read_settings(REQUIRED | {"AZURE_KEY_VAULT_SUFFIX": suffix})

    assert settings.vault_url == "https://demo-vault.vault.azure.net"
    assert settings.endpoints.vault_suffix == "vault.azure.net"


@pytest.mark.parametrize("scope", ["https://api.botframework.us", "https://api.botframework.us/"])
def test_the_connectors_scope_can_be_the_resource_alone(scope: str) -> None:
    settings = read_settings(REQUIRED | {"ToChannelFromBotOAuthScope": scope})

    assert bot_cloud(settings).scope == "https://api.botframework.us/.default"


@pytest.mark.parametrize(
    ("cloud", "tenant"),
    [
        ("AzureCloud", "botframework.com"),
        ("AzureUSGovernment", "MicrosoftServices.onmicrosoft.us"),
        ("AzureChinaCloud", "microsoftservices.partner.onmschina.cn"),
    ],
)
def test_each_cloud_has_its_own_tenant_for_multi_tenant_bots(cloud: str, tenant: str) -> None:
    settings = read_settings(REQUIRED | {"AZURE_CLOUD": cloud, "MicrosoftAppType": "MultiTenant"})

    assert settings.token_tenant == tenant


def test_an_issuer_keeps_the_slash_that_its_tokens_have() -> None:
    issuer = "https://sts.example/x/"

    assert read_settings(REQUIRED | {"ToBotFromChannelTokenIssuer": issuer}).token_issuer == issuer


def test_the_usual_port_of_a_host_can_be_written() -> None:
    settings = read_settings(
        REQUIRED
        | {
            "BOT_SERVICE_HOSTS": "SMBA.example.com:443, other.example.com:8443",
            "BOT_SERVICE_URL": "https://smba.example.com/teams",
        }
    )

    allowed = ServiceUrls(settings.service_hosts)
    assert allowed.allow("https://smba.example.com/teams/")
    assert allowed.allow("https://other.example.com:8443/teams/")
    assert not allowed.allow("https://other.example.com/teams/")
