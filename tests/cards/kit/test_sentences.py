"""Sentences with names in bold."""

from cards.kit.elements import Named
from cards.kit.sentences import sentence, together


def test_sentences_follow_one_another_with_one_space_between_them() -> None:
    first = sentence("{who} is here.", who=Named("Ada"))

    said = together(first, "", (), "All is well.", sentence("{who} left.", who=Named("Bo")))

    assert said == (Named("Ada"), " is here. All is well. ", Named("Bo"), " left.")


def test_without_sentences_nothing_is_said() -> None:
    assert together("", ()) == ()
