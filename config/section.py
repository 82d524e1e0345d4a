"""What the settings are made of: sections of variables, each with what its page says about it."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from services import values, variables

Names = Annotated[tuple[str, ...], BeforeValidator(variables.people)]
Guid = Annotated[str, BeforeValidator(values.guid)]
Url = Annotated[str, BeforeValidator(values.https_url)]
VaultUrl = Annotated[str, BeforeValidator(values.vault_url)]
Cron = Annotated[str, BeforeValidator(values.cron)]
SecretName = Annotated[str, BeforeValidator(variables.secret_name)]
Amount = Annotated[float, BeforeValidator(variables.positive)]


class Section(BaseModel):
    """Variables that belong together: a table in docs/variables.md, which is generated from them.

    There, a field's alias is the variable, and its description is the meaning.
    """

    model_config = ConfigDict(
        frozen=True,
        validate_by_alias=True,
        validate_by_name=False,
        arbitrary_types_allowed=True,
        defer_build=True,  # Only all of them together are ever read.
    )


@dataclass(frozen=True, slots=True)
class Unset:
    """What applies while a variable without a default is not set, in words for the page."""

    applies: str
