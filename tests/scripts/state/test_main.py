"""The commands, on a real table."""

import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from azure.core.credentials import AccessToken
from azure.data.tables import EntityProperty, TableClient
from azure.identity import CredentialUnavailableError

from scripts.state import __main__ as state

VALUES: dict[str, Any] = {
    "text": "Ünïcode, “quoted”\n",
    "empty": "",
    "small": -(2**31),
    "large": EntityProperty(2**63 - 1, "Edm.Int64"),
    "small_but_64": EntityProperty(7, "Edm.Int64"),
    "double": 1.0,
    "third": 1 / 3,
    "infinite": float("inf"),
    "yes": True,
    "at": datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC),
    "precise": EntityProperty("2026-03-02T09:00:00.1234567Z", "Edm.DateTime"),
    "id": UUID("20000000-0000-4000-8000-000000000001"),
    "bytes": b"\x00\xff",
}


@pytest.fixture
def table(azurite: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[TableClient]:
    """The bot's table, under a name of this test's own."""
    monkeypatch.setattr(state, "TABLE", "restored")
    with TableClient.from_connection_string(azurite, "restored") as client:
        client.create_table()
        yield client
        client.delete_table()


def test_a_restored_table_has_the_same_rows_with_the_same_types(
    azurite: str, table: TableClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {"AZURE_STORAGE_CONNECTION_STRING": azurite}
    path = tmp_path / "backup.jsonl"
    table.create_entity({"PartitionKey": "rules", "RowKey": "newest", **VALUES})
    sealed = [{"PartitionKey": "07", "RowKey": f"sealed~req-{n:03}", "n": n} for n in range(101)]
    table.submit_transaction([("create", row) for row in sealed[:100]])
    table.create_entity(sealed[100])
    before = _contents(table)

    codes = [state.main(["backup", str(path)], environment)]
    table.delete_entity("rules", "newest")
    table.delete_entity("07", "sealed~req-100")
    codes.append(state.main(["restore", str(path)], environment))
    after = _contents(table)
    table.create_entity({"PartitionKey": "replicas", "RowKey": "replica~1"})
    codes.append(state.main(["restore", str(path)], environment))

    assert codes == [0, 0, 1]
    assert after == before
    assert type(after[-1][1]["small_but_64"]) is EntityProperty
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "The table isn't empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("UNRELATED", "x", "Set AZURE_STORAGE_CONNECTION_STRING or AZURE_TABLES_ENDPOINT"),
        ("AZURE_STORAGE_CONNECTION_STRING", "nonsense", "isn't a connection string"),
    ],
)
def test_a_table_that_is_not_named_is_refused(
    variable: str, value: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = state.main(["backup", str(tmp_path / "new")], {variable: value})

    assert code == 1
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_an_identity_it_says_to_sign_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Nobody:
        def get_token(self, *scopes: str, **options: object) -> AccessToken:
            raise CredentialUnavailableError("no identity was found\nDetails")

    monkeypatch.setattr(state, "DefaultAzureCredential", Nobody)
    environment = {"AZURE_TABLES_ENDPOINT": "https://nowhere.invalid"}

    code = state.main(["backup", str(tmp_path / "new")], environment)

    assert code == 1
    assert "Run az login. no identity was found\n" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_missing_table_leaves_no_file(
    azurite: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(state, "TABLE", "missing")
    environment = {"AZURE_STORAGE_CONNECTION_STRING": azurite}

    code = state.main(["backup", str(tmp_path / "new")], environment)

    assert code == 1
    assert "404" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def _contents(table: TableClient) -> list[tuple[tuple[str, str], dict[str, Any]]]:
    return [
        ((row["PartitionKey"], row["RowKey"]), {name: _exact(row[name]) for name in row})
        for row in table.list_entities()
    ]


def _exact(value: Any) -> Any:
    return getattr(value, "tables_service_value", value)
