"""What dependents are called: words for each kind, names and counts of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cards.kit import text
from cards.languages.texts import listed, say, say_count
from domain.phrases import mark
from domain.rotation.rotation import Dependent


@dataclass(frozen=True, slots=True)
class KindWords:
    """The words for a kind of dependent."""

    noun: str
    label: str
    counted: Callable[[int], str]


WORDS: Mapping[str, KindWords] = {
    "app_setting": KindWords(
        noun=mark("setting"),
        label="{name}",
        counted=lambda count: say_count("{count} app setting", "{count} app settings", count),
    ),
    "connection_string": KindWords(
        noun=mark("connection string"),
        label=mark("connection string {name}"),
        counted=lambda count: say_count(
            "{count} connection string", "{count} connection strings", count
        ),
    ),
}
"""The words for each kind; of an app setting, the name alone says enough."""


def noun_of(dependent: Dependent) -> str:
    """Name a dependent's kind, as people call one in an app."""
    words = WORDS.get(dependent.kind)
    return say(words.noun) if words else dependent.noun


def label_of(dependent: Dependent) -> str:
    """Name what an app holds the secret under."""
    words = WORDS.get(dependent.kind)
    label = say(words.label, name=dependent.setting) if words else dependent.label
    return text.id_of(label)


def dependent_name(dependent: Dependent) -> str:
    """Name a dependent: its app, and what holds the secret there."""
    return text.id_of(f"{dependent.app} {label_of(dependent)}")


def count_dependents(dependents: Iterable[Dependent]) -> str:
    """Count dependents by their kinds: ``2 app settings and 1 connection string``."""
    counts = Counter(each.kind for each in dependents)
    return listed([_counted(kind, count) for kind, count in counts.items()])


def _counted(kind: str, count: int) -> str:
    words = WORDS.get(kind)
    return (
        words.counted(count) if words else say_count("{count} setting", "{count} settings", count)
    )
