"""The icons meet Teams' requirements (Microsoft Learn, "App icons for Teams")."""

from typing import Any

from scripts.release.app_package import SOURCE
from tests.appPackage.png import read_png

WHITE = (255, 255, 255)


def test_the_colour_icon_has_the_size_for_teams() -> None:
    icon = read_png(SOURCE / "color.png")

    assert (icon.width, icon.height) == (192, 192)


def test_the_colour_icons_background_is_the_accent_colour(manifest: dict[str, Any]) -> None:
    icon = read_png(SOURCE / "color.png")

    assert manifest["accentColor"] == "#{:02X}{:02X}{:02X}".format(*icon.pixels[0])


def test_the_outline_icon_has_the_size_for_teams() -> None:
    icon = read_png(SOURCE / "outline.png")

    assert (icon.width, icon.height) == (32, 32)


def test_the_outline_icon_is_white_on_transparent() -> None:
    icon = read_png(SOURCE / "outline.png")

    seen = {pixel[:3] for pixel in icon.pixels if pixel[3]}
    assert seen == {WHITE}
    assert {0, 255} <= {pixel[3] for pixel in icon.pixels}
