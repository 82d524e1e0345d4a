"""The package that an administrator uploads."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from scripts import app_package
from tests.appPackage.conftest import APP_ID


def test_the_three_files_lie_at_its_root(package: Path) -> None:
    with ZipFile(package) as opened:
        assert opened.namelist() == ["manifest.json", "color.png", "outline.png"]


def test_no_place_in_its_manifest_is_left_open(package: Path) -> None:
    with ZipFile(package) as opened:
        assert b"${{" not in opened.read("manifest.json")


def test_the_same_values_make_the_same_package(package: Path, tmp_path: Path) -> None:
    first = package.read_bytes()
    arguments = ["--developer", "Contoso", "--website", "https://contoso.example/latchkey"]

    app_package.main(["--app-id", APP_ID.upper(), "--out", str(package), *arguments])

    assert package.read_bytes() == first


def test_a_value_stays_one_whatever_it_contains() -> None:
    filled = app_package.fill('{"name": "${{NAME}}"}', {"NAME": 'Dana "D" \\ Söhne'})

    assert filled == '{"name": "Dana \\"D\\" \\\\ S\\u00f6hne"}'


def test_a_place_without_a_value_stops_it() -> None:
    with pytest.raises(KeyError, match="NAME"):
        app_package.fill('{"name": "${{NAME}}"}', {})


def test_pages_that_are_not_given_are_the_website(package: Path) -> None:
    with ZipFile(package) as opened:
        manifest = opened.read("manifest.json").decode()

    assert manifest.count("https://contoso.example/latchkey") == 3


def test_a_package_that_names_no_real_website_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = app_package.main(["--app-id", APP_ID, "--out", str(tmp_path / "latchkey.zip")])

    assert code == 0
    assert "give --website" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--app-id"),
        (["--app-id", "latchkey"], "must be a GUID"),
        (["--app-id", APP_ID, "--website", "http://contoso.example"], "an address like https"),
        (["--app-id", APP_ID, "--developer", "C" * 33], "1 to 32 characters"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_written(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "latchkey.zip"

    with pytest.raises(SystemExit):
        app_package.main([*arguments, "--out", str(out)])

    assert said in capsys.readouterr().err
    assert not out.exists()


def test_a_place_that_cannot_be_written_to_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = app_package.main(["--app-id", APP_ID, "--out", str(tmp_path / "no" / "latchkey.zip")])

    assert code == 1
    assert "No such file or directory" in capsys.readouterr().err
