"""The settings of logs and metrics."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from config.section import Guid, Section, Unset
from domain.secrets import SecretValue
from services import variables


class MonitoringSettings(Section):
    """What the bot reports to operators, and the log of the vaults that it reads."""

    log_format: Annotated[str, BeforeValidator(variables.log_format)] = Field(
        "text",
        alias="LOG_FORMAT",
        description="`text`, or `json` for [one JSON object per line](runbook.md#logs)",
    )
    metrics_token: Annotated[
        Annotated[SecretValue, BeforeValidator(variables.metrics_token)] | None,
        Unset("none: everybody who reaches the address"),
    ] = Field(
        None,
        alias="METRICS_TOKEN",
        description="[who sends it](deploy.md#8-limit-who-can-reach-it-optional) as "
        "`Authorization: Bearer …` can read `/metrics` and the reasons in `/readyz`, and nobody "
        "else: 32 random letters and digits or more",
    )
    telemetry: Annotated[str, BeforeValidator(variables.telemetry)] | None = Field(
        None,
        alias="APPLICATIONINSIGHTS_CONNECTION_STRING",
        repr=False,
        description="also send metrics and traces to Application Insights, which this names",
    )
    log_workspace: Guid | None = Field(
        None,
        alias="LOG_ANALYTICS_WORKSPACE_ID",
        description="GUID of the Log Analytics workspace to which the vaults send their logs; "
        "`history ID` then says [which reads there were](deploy.md#who-read-what-optional) under "
        "a grant; used with the bot's identity, which needs Log Analytics Data Reader on it",
    )
