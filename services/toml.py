"""What the tables of a TOML file are made of; what a value must be is said in words."""

import re
from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict

from services import values

OutT = TypeVar("OutT")


class TomlTable(BaseModel):
    """A table; what it leaves out is None and comes from elsewhere."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def text(check: Callable[[str], OutT]) -> BeforeValidator:
    """Read a text by a check, which raises ValueError with words that complete "must be …"."""

    def checked(given: object) -> OutT:
        if not isinstance(given, str):
            raise ValueError("a string in quotes")  # noqa: TRY004 - pydantic reports ValueErrors
        return check(given)

    return BeforeValidator(checked)


def matching(pattern: str, words: str) -> BeforeValidator:
    """Read a text that matches a pattern; the words say what it must be."""

    def check(given: str) -> str:
        if not re.fullmatch(pattern, given, re.ASCII):
            raise ValueError(words)
        return given

    return text(check)


ResourceGroup = Annotated[str, text(values.resource_group)]
Subscription = Annotated[str, text(values.guid)]
Url = Annotated[str, text(values.https_url)]
VaultUrl = Annotated[str, text(values.vault_url)]
