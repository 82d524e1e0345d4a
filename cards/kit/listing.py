"""Parts that all lists share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from microsoft_teams.cards import Action, ActionSet, CardElement, Column, ColumnSet, ExecuteAction

from cards.kit import text, verbs
from cards.kit.elements import caption
from cards.languages.texts import say, say_count

MANY = 50
"""Anything beyond this is not counted."""

LONGEST_TOOLTIP = 100


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a page of a list starts, and where the next one does; opaque to cards."""

    after: str = ""
    """Empty on the first page."""
    following: str = ""
    """Empty on the last page."""

    @property
    def data(self) -> dict[str, str]:
        """Return what a row's button carries, so the list comes back at the same page."""
        return {verbs.AFTER: self.after} if self.after else {}


ONE_PAGE = Paging()


def page_buttons(paging: Paging, verb: str) -> list[Action]:
    """Draw the buttons between the pages of a list."""
    actions: list[Action] = []
    if paging.after:
        actions.append(_button(say("First page"), verb))
    if paging.following:
        actions.append(_button(say("Next page"), verb, {verbs.AFTER: paging.following}))
    return actions


def list_button(title: str, verb: str, data: Mapping[str, str], about: str) -> ExecuteAction:
    """Draw a row's button; ``about`` distinguishes it from the same button in other rows.

    Screen readers read the tooltip, which is plain text.
    """
    named = text.line(about, LONGEST_TOOLTIP)
    return ExecuteAction(
        title=title,
        verb=verb,
        data=dict(data),
        tooltip=say("{title}: {said}", title=title, said=named),
        associated_inputs="none",
    )


def row_with_button(lines: Sequence[CardElement], button: Action) -> ColumnSet:
    """Draw a row's lines, with its one button beside them."""
    return ColumnSet(
        spacing="Medium",
        columns=[
            Column(width="stretch", items=list(lines)),
            Column(
                width="auto",
                vertical_content_alignment="Center",
                items=[ActionSet(actions=[button])],
            ),
        ],
    )


def and_more(more: int) -> list[CardElement]:
    """Draw how many more there are than the list shows; empty if there are no more."""
    if more <= 0:
        return []
    if more < MANY:
        return [caption(say_count("… and {count} more.", "… and {count} more.", more), "Medium")]
    return [caption(say("… and at least {many} more.", many=MANY), "Medium")]


def _button(title: str, verb: str, data: Mapping[str, str] | None = None) -> ExecuteAction:
    return ExecuteAction(title=title, verb=verb, data=dict(data or {}), associated_inputs="none")
