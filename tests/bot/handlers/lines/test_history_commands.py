"""The history commands as people type them."""

import pytest

from bot.handlers.lines.command import AboutOne
from bot.handlers.lines.history_commands import (
    ExportFigures,
    ExportHistory,
    ExportReads,
    ReviewAccess,
    ShowHistory,
    ShowReport,
    Wanted,
)
from services.audit.files.export import Format
from tests.bot.handlers.reading import read_command


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("history", ShowHistory(Wanted("", ""))),
        ("  HISTORY   demo-API-key ", ShowHistory(Wanted("demo-API-key", ""))),
        ("history last 7d", ShowHistory(Wanted("", "7d"))),
        ("history demo-api-key LAST 2 hours", ShowHistory(Wanted("demo-api-key", "2hours"))),
        ("history @ada@contoso.example", ShowHistory(Wanted("@ada@contoso.example", ""))),
        ("history Ada Approver last 1d", ShowHistory(Wanted("Ada Approver", "1d"))),
        ("history last", ShowHistory(Wanted("last", ""))),
        ("history last last 7d", ShowHistory(Wanted("last", "7d"))),
        ("history 7d", ShowHistory(Wanted("", "7d"))),
        ("history demo-api-key 7d", ShowHistory(Wanted("demo-api-key", "7d"))),
        ("history Ada Approver 1 day", ShowHistory(Wanted("Ada Approver", "1day"))),
        ("history for demo-api-key", ShowHistory(Wanted("demo-api-key", ""))),
        ("history of the secret demo-api-key", ShowHistory(Wanted("demo-api-key", ""))),
        ("history on the", ShowHistory(Wanted("the", ""))),
        ("history ada@contoso.example", ShowHistory(Wanted("ada@contoso.example", ""))),
        ("export 7d", ExportHistory(Format.CSV, Wanted("", "7d"))),
        ("export json for @ada for the last 7d", ExportHistory(Format.JSON, Wanted("@ada", "7d"))),
        ("export figures 0d", ExportFigures(ShowReport("", "0d"))),
        ("report 0d", ShowReport("", "0d")),
        ("report -1d", ShowReport("", "-1d")),
        ("report 1,5d", ShowReport("", "1,5d")),
        ("report last month", ShowReport("", "month")),
        ("report demo-api-key last month", ShowReport("demo-api-key", "month")),
        ("report last", ShowReport("", "")),
        ("review -1d", ReviewAccess("-1d")),
        ("review last month", ReviewAccess("month")),
        ("export", ExportHistory(Format.CSV, Wanted("", ""))),
        ("export CSV last 30d", ExportHistory(Format.CSV, Wanted("", "30d"))),
        ("export json demo-api-key", ExportHistory(Format.JSON, Wanted("demo-api-key", ""))),
        ("export demo-api-key", ExportHistory(Format.CSV, Wanted("demo-api-key", ""))),
        ("export figures", ExportFigures(ShowReport("", ""))),
        ("Export Figures demo-api-key last 90d", ExportFigures(ShowReport("demo-api-key", "90d"))),
        ("export reads", ExportReads("", ShowReport("", ""))),
        ("export reads demo-api-key last 90d", ExportReads("", ShowReport("demo-api-key", "90d"))),
        ("Export reads REQ-aaaaaaaaaa", ExportReads("req-aaaaaaaaaa", ShowReport("", ""))),
        ("export csv figures", ExportHistory(Format.CSV, Wanted("figures", ""))),
        ("verify REQ-abc", AboutOne("verify", "req-abc")),
        ("Report", ShowReport("", "")),
        ("report 90D", ShowReport("", "90D")),
        ("report last 90 days", ShowReport("", "90days")),
        ("report 3 months", ShowReport("", "3months")),
        ("report demo-API-key", ShowReport("demo-API-key", "")),
        ("report on `demo-api-key` for the last 90d.", ShowReport("demo-api-key", "90d")),
        ("report 2fa-key 1d 12h", ShowReport("2fa-key", "1d12h")),
        ("report 2fa-key", ShowReport("2fa-key", "")),
        ("report 90d 30d", ShowReport("90d", "30d")),
        ("report 1d 12h", ShowReport("", "1d12h")),
        ("report demo-api-key 3 months", ShowReport("demo-api-key", "3months")),
        ("review", ReviewAccess("")),
        ("Review 30D", ReviewAccess("30d")),
        ("review last 2 weeks", ReviewAccess("2weeks")),
        ("review access 90d", ReviewAccess("90d")),
    ],
)
def test_history_commands_are_read(typed: str, meant: object) -> None:
    assert read_command(typed) == meant


@pytest.mark.parametrize("typed", ["verify", "verify a b", "report it now", "review it"])
def test_other_commands_are_not_read_as_history(typed: str) -> None:
    assert read_command(typed) is None
