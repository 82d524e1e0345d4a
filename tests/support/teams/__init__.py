"""A fake Teams over real HTTP: it signs, delivers, records, and fails on request."""

from tests.support.teams.activities import (
    APP_ID,
    TENANT,
    Json,
    Person,
    Place,
    a_channel,
    a_file_consent,
    a_message,
    a_personal_chat,
    an_edit,
    an_execute,
    an_installation,
)
from tests.support.teams.record import Fault, Posted, Upload
from tests.support.teams.server import Answer, Teams, running_teams
from tests.support.teams.tokens import TokenMint

__all__ = [
    "APP_ID",
    "TENANT",
    "Answer",
    "Fault",
    "Json",
    "Person",
    "Place",
    "Posted",
    "Teams",
    "TokenMint",
    "Upload",
    "a_channel",
    "a_file_consent",
    "a_message",
    "a_personal_chat",
    "an_edit",
    "an_execute",
    "an_installation",
    "running_teams",
]
