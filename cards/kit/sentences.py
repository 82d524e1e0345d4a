"""Sentences with names in bold, in the language that is spoken."""

from collections.abc import Sequence

from cards.kit.elements import Named, Sentence
from cards.languages.language import spoken
from cards.languages.texts import number, parts_of, say
from domain.phrases import Phrase

Part = str | int | Phrase | Named | Sentence


def sentence(text: str, /, **parts: Part) -> Sentence:
    """Return a text as a sentence, its ``{named}`` parts filled in; names may be in bold."""
    return _filled(spoken().translations.gettext(text), parts)


def sentence_count(one: str, many: str, count: int, /, **parts: Part) -> Sentence:
    """Return the sentence for a count, which is the part ``{count}``."""
    text = spoken().translations.ngettext(one, many, count)
    return _filled(text, {"count": count, **parts})


def joined(sentences: Sequence[Sentence]) -> Sentence:
    """Join parts as in a sentence: ``a, b and c``."""
    *others, last = sentences
    first: Sentence = ()
    for at, part in enumerate(others):
        first = (*first, *([", "] if at else []), *part)
    return sentence("{names} and {last}", names=first, last=last) if others else last


def together(*those: str | Sentence) -> Sentence:
    """Put whole sentences one after another; empty ones are left out."""
    said: list[str | Named] = []
    for each in filter(None, those):
        _add(said, " " if said else "")
        for part in [each] if isinstance(each, str) else each:
            _add(said, part)
    return tuple(said)


def plain_text(those: Sentence) -> str:
    """Return a sentence without its bold."""
    return "".join(map(str, those))


def _filled(text: str, parts: dict[str, Part]) -> Sentence:
    said: list[str | Named] = []
    for words, name in parts_of(text) if parts else [(text, None)]:
        _add(said, words)
        for each in () if name is None else _shown(parts[name]):
            _add(said, each)
    return tuple(said)


def _add(said: list[str | Named], part: str | Named) -> None:
    """Append to a sentence; plain text goes on where plain text ended."""
    if isinstance(part, Named):
        said.append(part)
    elif part and said and isinstance(last := said[-1], str):
        said[-1] = last + part
    elif part:
        said.append(part)


def _shown(part: Part) -> Sentence:
    match part:
        case str() | Named():
            return (part,)
        case int():
            return (number(part),)
        case Phrase():
            return (say(part),)
        case _:
            return part
