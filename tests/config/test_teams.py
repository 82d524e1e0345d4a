"""The registration of the bot, and where it posts."""

import pytest

from cards.languages.language import LANGUAGES
from config import read_settings
from tests.support.environment import LOCAL, PASSWORD, REQUIRED, fault_of, faults_of, without

CHANNEL = "must be a channel ID, like 19:…@thread.tacv2"

TEAM = "must be the team's GUID, which follows groupId= in the link to the channel"


@pytest.mark.parametrize(
    "copied",
    [
        "19%3aabc_123-XYZ%40thread.tacv2",
        "19%3Aabc_123-XYZ%40thread.tacv2",
        "19%253Aabc_123-XYZ%2540thread.tacv2",
        "19:abc_123-XYZ@thread.tacv2;messageid=1700000000000",
        "https://teams.microsoft.com/l/channel/19%3aabc_123-XYZ%40thread.tacv2/Audit?groupId=9c1f",
    ],
)
def test_a_channel_id_copied_from_a_link_is_shown_in_the_right_form(copied: str) -> None:
    fault = fault_of("ADMIN_TEAMS_CHANNEL_ID", copied)

    assert fault == (f"{CHANNEL}; this looks copied from a link: use 19:abc_123-XYZ@thread.tacv2")


@pytest.mark.parametrize("value", ["Audit", "19:", "19:a b@thread.tacv2", "%", f"19%3a {PASSWORD}"])
def test_an_invalid_channel_id_is_reported_without_repeating_it(value: str) -> None:
    assert fault_of("ADMIN_TEAMS_CHANNEL_ID", value) == CHANNEL


def test_swapped_ids_of_team_and_channel_are_noticed() -> None:
    swapped = {
        "ADMIN_TEAMS_GROUP_ID": REQUIRED["ADMIN_TEAMS_CHANNEL_ID"],
        "ADMIN_TEAMS_CHANNEL_ID": REQUIRED["ADMIN_TEAMS_GROUP_ID"],
    }

    assert faults_of(REQUIRED | swapped) == [
        f"ADMIN_TEAMS_CHANNEL_ID: {CHANNEL}; this is a GUID, as ADMIN_TEAMS_GROUP_ID takes",
        f"ADMIN_TEAMS_GROUP_ID: {TEAM}; this is a channel ID",
    ]


@pytest.mark.parametrize(
    "value", ["Operations", "9c1f0f4e", "{9c1f0f4e-0d8f-4d36-8f7b-2f6f0c3d5a10}"]
)
def test_a_group_id_must_be_a_guid(value: str) -> None:
    assert fault_of("ADMIN_TEAMS_GROUP_ID", value) == TEAM


def test_the_team_of_the_audit_channel_is_optional() -> None:
    assert read_settings(without("ADMIN_TEAMS_GROUP_ID")).audit_team_id is None


def test_without_an_app_id_it_must_be_local() -> None:
    [fault] = faults_of({name: value for name, value in LOCAL.items() if name != "LATCHKEY_LOCAL"})

    assert fault.startswith("MicrosoftAppId: is required unless LATCHKEY_LOCAL is 1; ")


def test_without_an_app_id_it_listens_on_loopback_whatever_the_host_setting() -> None:
    settings = read_settings(LOCAL | {"HOST": "0.0.0.0"})  # noqa: S104 - must be ignored

    assert settings.listen_on == "127.0.0.1"


def test_with_an_app_id_the_local_switch_changes_nothing() -> None:
    switched = read_settings(REQUIRED | {"LATCHKEY_LOCAL": "1", "HOST": "10.0.0.4"})

    assert (switched.app_id, switched.listen_on) == (REQUIRED["MicrosoftAppId"], "10.0.0.4")


def test_a_managed_identity_needs_no_password() -> None:
    environment = without("MicrosoftAppPassword") | {"MicrosoftAppType": "userassignedmsi"}

    assert read_settings(environment).app_type == "UserAssignedMSI"


def test_the_audit_channel_can_have_each_language_that_there_are_texts_in() -> None:
    read = [read_settings(REQUIRED | {"AUDIT_LANGUAGE": code.upper()}) for code in LANGUAGES]

    assert [settings.audit_language for settings in read] == list(LANGUAGES)
    assert read_settings(REQUIRED).audit_language == "en"
    assert faults_of(REQUIRED | {"AUDIT_LANGUAGE": "fr"}) == [
        "AUDIT_LANGUAGE: must be one of en, de"
    ]
