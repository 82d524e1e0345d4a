"""Where the bot reaches Teams, by cloud and by what settings override."""

import pytest

from bot.transport import clouds
from bot.transport.clouds import Cloud
from composition.teams import bot_cloud
from config import read_settings
from tests.support.environment import REQUIRED


@pytest.mark.parametrize(
    ("name", "cloud"),
    [
        ("AzureCloud", clouds.PUBLIC),
        ("AzureUSGovernment", clouds.US_GOVERNMENT),
        ("AzureChinaCloud", clouds.CHINA),
    ],
)
def test_each_azure_cloud_has_its_bot_framework(name: str, cloud: Cloud) -> None:
    settings = read_settings({**REQUIRED, "AZURE_CLOUD": name})

    assert bot_cloud(settings) == cloud


def test_settings_override_the_endpoints_and_add_hosts() -> None:
    overrides = {
        "ToBotFromChannelTokenIssuer": "https://issuer.example",
        "ToBotFromChannelOpenIdMetadataUrl": "https://keys.example",
        "ToChannelFromBotOAuthScope": "https://scope.example/.default",
        "BOT_SERVICE_HOSTS": "teams.example",
        "BOT_SERVICE_URL": "https://teams.example",
    }

    cloud = bot_cloud(read_settings({**REQUIRED, **overrides}))

    assert cloud == Cloud(
        issuer="https://issuer.example",
        metadata_url="https://keys.example",
        scope="https://scope.example/.default",
        service_hosts=clouds.PUBLIC.service_hosts | {"teams.example"},
        service_url="https://teams.example",
        file_hosts=clouds.PUBLIC.file_hosts,
    )
