"""The settings of rotations and drills."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from config.section import Amount, Cron, Guid, SecretName, Section, Unset
from services import values, variables


class RotationSettings(Section):
    """A secret to rotate, and where it is used; a policy file can name more."""

    rotation_secret: SecretName | None = Field(
        None,
        alias="ROTATION_SECRET_NAME",
        description="a secret to rotate; a policy file can name more",
    )
    rotation_schedule: Cron = Field(
        "0 3 1 * *",
        alias="ROTATION_SCHEDULE",
        description="when to rotate it: cron with five fields, in UTC",
    )
    rotation_overlap_hours: Amount = Field(
        24.0,
        alias="ROTATION_OVERLAP_HOURS",
        description="how long the old version stays enabled; decimals allowed",
    )
    dependent_app: Annotated[str, BeforeValidator(variables.app_and_slot)] | None = Field(
        None,
        alias="DEPENDENT_APP_SERVICE_NAME",
        description="where the secret is used: an App Service, or `app/slot`",
    )
    dependent_setting: Annotated[str, BeforeValidator(values.setting_name)] | None = Field(
        None, alias="DEPENDENT_APP_SETTING", description="the app setting there that holds it"
    )


class DrillSettings(Section):
    """What is needed to give access to nobody and take it away again."""

    drill_secret: Annotated[SecretName | None, Unset("none: no drills")] = Field(
        None,
        alias="DRILL_SECRET",
        description="a secret that is worth nothing, for [drills](deploy.md#10-drill-it-optional)",
    )
    drill_principal_id: Guid | None = Field(
        None,
        alias="DRILL_PRINCIPAL_ID",
        description="the object ID of a user who can't sign in, to whom the access is given",
    )
    drill_schedule: Annotated[Cron | None, Unset("none: only on command")] = Field(
        None,
        alias="DRILL_SCHEDULE",
        description="when drills are due: cron with five fields, in UTC",
    )
