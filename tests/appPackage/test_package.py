"""The package for an administrator to upload."""

import json
from hashlib import sha256
from pathlib import Path
from stat import filemode
from zipfile import ZIP_STORED, ZipFile

import pytest

from scripts.release import app_package
from tests.appPackage.conftest import APP_ID

UNIX = 3


def test_its_files_are_at_its_root(package: Path) -> None:
    with ZipFile(package) as opened:
        assert opened.namelist() == ["color.png", "de.json", "manifest.json", "outline.png"]


def test_its_entries_say_nothing_about_the_machine_that_made_it(package: Path) -> None:
    with ZipFile(package) as opened:
        entries = opened.infolist()

    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {filemode(entry.external_attr >> 16) for entry in entries} == {"-rw-r--r--"}
    assert {(entry.create_system, entry.compress_type) for entry in entries} == {(UNIX, ZIP_STORED)}


def test_no_placeholder_is_left_in_its_manifest(package: Path) -> None:
    with ZipFile(package) as opened:
        assert b"${{" not in opened.read("manifest.json")


def test_the_same_values_give_the_same_package(package: Path, tmp_path: Path) -> None:
    first = package.read_bytes()
    arguments = ["--developer", "Contoso", "--website", "https://contoso.example/latchkey"]

    app_package.main(["--app-id", APP_ID.upper(), "--out", str(package), *arguments])

    assert sha256(package.read_bytes()).hexdigest() == sha256(first).hexdigest()


def test_a_value_is_escaped_whatever_it_contains() -> None:
    filled = app_package.fill('{"name": "${{NAME}}"}', {"NAME": 'Dana "D" \\ Söhne'})

    assert filled == '{"name": "Dana \\"D\\" \\\\ S\\u00f6hne"}'


def test_a_placeholder_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="NAME"):
        app_package.fill('{"name": "${{NAME}}"}', {})


def test_pages_default_to_the_website(package: Path) -> None:
    with ZipFile(package) as opened:
        manifest = opened.read("manifest.json").decode()

    assert manifest.count("https://contoso.example/latchkey") == 3


def test_a_package_without_a_real_website_warns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = app_package.main(["--app-id", APP_ID, "--out", str(tmp_path / "latchkey.zip")])

    assert code == 0
    assert "pass --website" in capsys.readouterr().err


def test_a_package_without_an_app_id_warns_that_no_bot_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MicrosoftAppId", raising=False)
    out = tmp_path / "latchkey.zip"

    code = app_package.main(["--out", str(out)])

    said = capsys.readouterr()
    assert code == 0
    assert said.out == f"{out} is written, but it belongs to no bot yet.\n"
    assert "Pass --app-id" in said.err


def test_the_app_id_can_come_from_the_bots_variable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MicrosoftAppId", APP_ID)
    out = tmp_path / "latchkey.zip"

    app_package.main(["--out", str(out)])

    assert capsys.readouterr().out == f"{out} is ready to upload to Teams.\n"
    with ZipFile(out) as opened:
        assert json.loads(opened.read("manifest.json"))["id"] == APP_ID


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--app-id", "latchkey"], "must be a GUID"),
        (["--app-id", APP_ID, "--website", "http://contoso.example"], "an address like https"),
        (["--app-id", APP_ID, "--developer", "C" * 33], "1 to 32 characters"),
    ],
)
def test_an_invalid_argument_is_reported_and_nothing_is_written(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "latchkey.zip"

    with pytest.raises(SystemExit):
        app_package.main([*arguments, "--out", str(out)])

    assert said in capsys.readouterr().err
    assert not out.exists()


def test_an_unwritable_path_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = app_package.main(["--app-id", APP_ID, "--out", str(tmp_path / "no" / "latchkey.zip")])

    assert code == 1
    assert "No such file or directory" in capsys.readouterr().err
