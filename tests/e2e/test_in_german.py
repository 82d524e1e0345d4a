"""The main ways through Latchkey in German, in a real browser; the audit channel is in English."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from scripts.local.stage import Stage
from tests.e2e.conftest import NewPage
from tests.e2e.gallery import Gallery
from tests.e2e.playground import Card, Playground

pytestmark = pytest.mark.e2e

CHANNEL = "Latchkey audit"
ROTATION_SECONDS = 90.0


async def test_access_is_asked_for_and_given_and_a_secret_rotated_in_german(
    german_stage: Stage, new_page: NewPage, screenshots: Path
) -> None:
    gallery = Gallery(screenshots, "gallery-in-german.md", "Gallery in German")
    page, approver_page = await new_page(), await new_page()
    dana = Playground(page, german_stage.developer.url)
    avery = Playground(approver_page, german_stage.approver.url)
    await dana.open()
    await avery.open()

    gallery.part("Zugriff")
    welcome = await dana.ask("help", "Geregelter Zugriff auf Azure Key Vault")
    await gallery.show(welcome, "de-help", "help", "Geregelter Zugriff")
    mistaken = await dana.ask("my acess", "Meinten Sie: my access")
    await gallery.show(mistaken, "de-not-understood", "my acess", "Meinten Sie: my access")
    line = "request secret demo-api-key"
    form = await dana.ask(line, "Wofür und wie lange brauchen Sie Zugriff?")
    await form.fill("Begründung", "Probelauf der Zahlungsseite")
    await form.fill("Für wie lange", "2 Wochen")
    await form.click("Zur Genehmigung senden")
    await form.has("Diese Dauer kann ich nicht lesen")
    await gallery.show(form, "de-form", line, "Das Formular mit einem Fehler")
    await form.fill("Begründung", "Probelauf der Zahlungsseite")
    await form.fill("Für wie lange", "5 Minuten")
    await form.click("Zur Genehmigung senden")
    await dana.wait_for_text("Zur Genehmigung gesendet")
    asked = await _card(avery, "Dana Developer möchte demo-api-key")
    await gallery.show(asked, "de-approve", line, "Die Karte der Genehmigenden")
    await asked.click("Genehmigen")
    await avery.wait_for_text("Genehmigt von Avery Approver")
    own = await _card(dana, "Zugriff gewährt")
    await gallery.show(own, "de-granted", line, "Zugriff gewährt")

    gallery.part("Rotation")
    plan = await avery.ask("rotate app-api-key", "Dieses Geheimnis rotieren?")
    await gallery.show(plan, "de-plan", "rotate app-api-key", "Der Plan")
    await plan.click("Rotieren")
    await avery.wait_for_text("Rotiert, alte Version noch nicht außer Betrieb", ROTATION_SECONDS)
    rotated = avery.card_with("Rotiert, alte Version noch nicht außer Betrieb")
    await gallery.show(rotated, "de-rotated", "rotate app-api-key", "Rotiert")
    await avery.ask("rotate nichts", "ist nicht für die Rotation eingerichtet")
    report = await avery.ask("report", "Zeitraum: 30 Tage")
    await gallery.show(report, "de-report", "report", "Der Bericht")

    await avery.open_channel(CHANNEL)
    for post in ("Access requested", "Access granted", "Rotation started", "Rotated"):
        await avery.wait_for_text(post)
    await expect(approver_page.get_by_text("Rotation gestartet")).to_have_count(0)
    gallery.write()


async def _card(window: Playground, text: str) -> Card:
    await window.wait_for_text(text)
    return window.card_with(text)
