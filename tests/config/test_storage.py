"""Where the state and the archive are."""

import pytest

from config import read_settings
from tests.support.environment import ACCOUNT_KEY, REQUIRED, fault_of, faults_of, without

ENDPOINT = "AZURE_TABLES_ENDPOINT"
WITH_IDENTITY = without("AZURE_STORAGE_CONNECTION_STRING")


@pytest.mark.parametrize(
    "connection_string",
    [
        "demo",
        "AccountName=demo",
        f"AccountKey={ACCOUNT_KEY}",
        f"AccountName=demo;AccountKey={ACCOUNT_KEY};what",
        "AccountName=demo;AccountKey=",
        "SharedAccessSignature=sv=2024&sig=a%3D",
    ],
)
def test_a_connection_string_no_client_can_use_is_refused(connection_string: str) -> None:
    [fault] = faults_of(REQUIRED | {"AZURE_STORAGE_CONNECTION_STRING": connection_string})

    assert fault == (
        "AZURE_STORAGE_CONNECTION_STRING: must be a connection string "
        "with an AccountName and an AccountKey, or with a SharedAccessSignature"
    )


@pytest.mark.parametrize(
    "connection_string",
    [
        "UseDevelopmentStorage=true",
        f"DefaultEndpointsProtocol=https;AccountName=demo;AccountKey={ACCOUNT_KEY};",
        "TableEndpoint=https://demo.table.core.windows.net/;SharedAccessSignature=sv=2024&sig=a%3D",
        f"AccountName=demo;AccountKey={ACCOUNT_KEY};TableEndpoint=https://demo.table.cosmos.azure.com/",
    ],
)
def test_every_usual_kind_of_connection_string_is_accepted(connection_string: str) -> None:
    settings = read_settings(REQUIRED | {"AZURE_STORAGE_CONNECTION_STRING": connection_string})

    assert settings.storage_connection_string == connection_string


@pytest.mark.parametrize(
    ("service", "what"),
    [("blob", "blobs"), ("queue", "queues"), ("file", "files"), ("dfs", "Data Lake files")],
)
def test_an_endpoint_of_another_storage_service_is_refused(service: str, what: str) -> None:
    [fault] = faults_of(WITH_IDENTITY | {ENDPOINT: f"https://demo.{service}.core.windows.net/"})

    assert fault == (
        f"{ENDPOINT}: must be the address for tables, not for {what}: https://demo.table.core.windows.net"
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://demo.table.core.windows.net",
        "https://demo.table.cosmos.azure.com:443",
        "https://demo.z12.table.storage.azure.net",
        "https://127.0.0.1:10002/devstoreaccount1",
        "https://tables.contoso.example",
    ],
)
def test_every_usual_table_endpoint_is_accepted(address: str) -> None:
    assert read_settings(WITH_IDENTITY | {ENDPOINT: address}).tables_endpoint == address


def test_two_places_for_the_state_are_refused() -> None:
    assert fault_of(ENDPOINT, "https://demo.table.core.windows.net") == (
        "can't be combined with AZURE_STORAGE_CONNECTION_STRING: "
        "remove the one that isn't to be used"
    )


def test_a_connection_string_for_blobs_is_refused() -> None:
    name, key = "AZURE_STORAGE_CONNECTION_STRING", f"AccountName=demo;AccountKey={ACCOUNT_KEY}"
    blobs = "https://demo.blob.core.windows.net/"
    must_be = "must be a connection string for tables: "

    for credential in (key, "SharedAccessSignature=sv=2024&sig=a%3D"):
        assert fault_of(name, f"BlobEndpoint={blobs};{credential}") == (
            f"{must_be}this one has a BlobEndpoint but no TableEndpoint"
        )
    assert fault_of(name, f"{key};TableEndpoint={blobs}") == (
        f"{must_be}its TableEndpoint is for blobs"
    )


@pytest.mark.parametrize("given", ["399", "1", "-1", "400.5", "a year", "1000000"])
def test_what_ended_is_kept_for_a_year_and_a_month_or_for_ever(given: str) -> None:
    assert "from 400 on, or 0 to keep everything" in fault_of("RETENTION_DAYS", given)


def test_what_ended_is_kept_for_as_long_as_is_set() -> None:
    kept = [
        read_settings(REQUIRED | given).retention_days
        for given in ({}, {"RETENTION_DAYS": "0"}, {"RETENTION_DAYS": "800"})
    ]

    assert kept == [400, 0, 800]


@pytest.mark.parametrize("given", ["demo", "http://demo.blob/x", "https://demo.blob/"])
def test_the_archive_is_a_container(given: str) -> None:
    assert "must be " in fault_of("ARCHIVE_CONTAINER_URL", given)


def test_the_address_of_a_container_is_read() -> None:
    address = "https://demo.blob.core.windows.net/archive"

    found = read_settings(REQUIRED | {"ARCHIVE_CONTAINER_URL": address}).archive_container

    assert found == address
