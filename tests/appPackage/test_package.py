"""The package for an administrator to upload."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from scripts import app_package
from tests.appPackage.conftest import APP_ID


def test_the_three_files_are_at_its_root(package: Path) -> None:
    with ZipFile(package) as opened:
        assert opened.namelist() == ["manifest.json", "color.png", "outline.png"]


def test_no_placeholder_is_left_in_its_manifest(package: Path) -> None:
    with ZipFile(package) as opened:
        assert b"${{" not in opened.read("manifest.json")


def test_the_same_values_give_the_same_package(package: Path, tmp_path: Path) -> None:
    first = package.read_bytes()
    arguments = ["--developer", "Contoso", "--website", "https://contoso.example/latchkey"]

    app_package.main(["--app-id", APP_ID.upper(), "--out", str(package), *arguments])

    assert package.read_bytes() == first


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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--app-id"),
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
