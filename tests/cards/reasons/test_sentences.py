"""Every refusal and every failure has a text, whatever its parameters are."""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import domain
from cards.languages.language import LANGUAGES, speaking
from cards.reasons.about_others import ABOUT_OTHERS
from cards.reasons.access_failures import ACCESS_FAILURES
from cards.reasons.filling import Filled
from cards.reasons.refusals.sign_ins import SIGN_INS
from cards.reasons.sentences import TEXTS, sentence_in, sentence_of
from domain.access.request import RequestState
from domain.people import Group, Person, Principals
from domain.reasons import AS_WRITTEN, Param, Reason, as_written
from domain.reconciliation.orphan import OrphanState
from domain.refusals.decisions import (
    CannotBeLeftOut,
    NoLongerAllowed,
    NoLongerPending,
    NoLongerRequestable,
    NotAnApprover,
    NothingLeft,
    NotLess,
    NotOfThisRequest,
    RequesterGone,
    RequestNotConfirmed,
    TooFewApprovers,
)
from domain.refusals.extensions import ExtensionDecided, TooLateToExtend
from domain.refusals.people import NotAnAdmin
from domain.refusals.refusal import Refusal
from domain.refusals.requests import (
    DurationOutOfBounds,
    JustificationMissing,
    JustificationTooLong,
    MayNotAsk,
    MembershipUnknown,
    NobodyApprovesAll,
    NoCommonWindow,
    OfSeveral,
    TicketMissing,
    TooManySecrets,
    UnreadableDuration,
)
from domain.refusals.rotations import NothingToRetry, NotRotatable
from domain.refusals.secrets import CouldNotEnd, DisabledSecret, NotASecretName, UnknownSecret
from domain.refusals.services import BotNotPermitted, ServiceUnavailable
from domain.refusals.sign_ins import SignInDeclined
from domain.refusals.starts import NoLaterStart, StartInThePast, StartsAtOnce, StartTooFarAhead
from domain.rotation.rotation import RotationState, Shape
from domain.workflow import Event
from tests.cards.languages.wide import WIDE, plain_words
from tests.support.builders import ADA, BO, in_directory
from tests.support.clock import NINE
from tests.support.refusals import KINDS

ROOT = Path(domain.__file__).parents[1]

HOSTILE: tuple[Param, ...] = (
    *("", "{secret}", "{0.__class__}", "<at>x</at>", "9999-99-99", "0001-01-01T00:00:00+14:00"),
    *(0, -1, 10**30, 1e300, float("nan"), float("-inf"), True, None),
    *((), ("a",), ("{a}", "", "/"), ("x" * 10_000,)),
)


class Whatever(dict[str, Param]):
    """Parameters of every name, all of one value."""

    def __init__(self, value: Param) -> None:
        self.value = value

    def get(self, key: str, default: Any = None) -> Any:
        return self.value


GREEK = "Ωμέγα"
PLACES = [f"/{kind}/{GREEK}" for kind in ("subscriptions", "resourceGroups", "vaults", "secrets")]
WORDS: Mapping[str, Sequence[Param]] = {
    "outcome": ("approved", "denied", "accepted", "rejected"),
    "scope": [*PLACES, GREEK],
    "scopes": [tuple(PLACES), (GREEK,)],
    "shape": list(Shape),
    "state": [*RequestState, *RotationState, *OrphanState],
    "structure": ("json", "connection_string", "pem", "pfx"),
    "which": ("old", "new", "restored"),
}
"""The parameters that a sentence says in words of its own, with their values."""


class Greek(Whatever):
    """Parameters that are all Greek, or of one other value, but for the words among them."""

    def __init__(self, value: Param = GREEK, **words: Param) -> None:
        super().__init__(value)
        self.words = words

    def get(self, key: str, default: Any = None) -> Any:
        return self.words.get(key, () if key in WORDS else self.value)


def reasons_of(code: str) -> Iterator[Reason]:
    """Yield reasons with parameters of each type, and with each word, so in every branch."""
    part = as_written(f"{GREEK}.")
    for value in (GREEK, (GREEK, GREEK), 1, 7_200, NINE.isoformat(), None):
        yield Reason(code, Greek(value), (part,))
    for name, words in WORDS.items():
        for word in words:
            yield Reason(code, Greek(**{name: word}), (part, part))
    yield Reason(code)


def an_example(kind: type[Refusal]) -> Refusal:
    """Build a refusal from the types of its parameters."""
    examples: Mapping[object, object] = {
        str: "some-name",
        int: 3,
        datetime: NINE,
        datetime | None: NINE,
        timedelta: timedelta(hours=2),
        Sequence[str]: ["one", "two"],
        Sequence[Person]: [in_directory(ADA), in_directory(BO)],
        Principals: Principals((in_directory(ADA),), (Group("group-1", "Payments"),)),
        Mapping[str, Refusal]: {"one": NotASecretName()},
        Reason: Reason("vault_without_rbac", {"scope": "/vaults/demo"}),
    }
    if kind.__init__ is Refusal.__init__:
        return kind()
    hints = inspect.get_annotations(kind.__init__)
    given: list[Any] = [examples[hint] for name, hint in hints.items() if name != "return"]
    return kind(*given)


def codes_of_failures() -> Iterator[str]:
    """Yield the code of each reason that the rules and the use cases can give."""
    for folder in ("domain", "services"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Call(func=ast.Name(id="Reason"), args=[ast.Constant(value=code), *_]):
                        yield str(code)


FAILURES = sorted(set(codes_of_failures()))


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_says_something_with_all_of_its_parameters(kind: type[Refusal]) -> None:
    sentence = sentence_of(an_example(kind))

    assert kind.code in TEXTS
    assert "…" not in sentence
    assert "{" not in sentence


# What a request can end with, or an act that a sign-in has confirmed.
RECORDED: set[type[Refusal]] = {
    *(kind for kind in KINDS if kind.blocks or kind.code in {*ABOUT_OTHERS, *SIGN_INS}),
    BotNotPermitted,
    CannotBeLeftOut,
    CouldNotEnd,
    DisabledSecret,
    DurationOutOfBounds,
    ExtensionDecided,
    JustificationMissing,
    JustificationTooLong,
    MembershipUnknown,
    NoCommonWindow,
    NoLaterStart,
    NoLongerAllowed,
    NoLongerPending,
    NoLongerRequestable,
    NobodyApprovesAll,
    NotAnApprover,
    NotLess,
    NotOfThisRequest,
    NothingLeft,
    RequestNotConfirmed,
    RequesterGone,
    ServiceUnavailable,
    StartInThePast,
    StartTooFarAhead,
    StartsAtOnce,
    TicketMissing,
    TooFewApprovers,
    TooLateToExtend,
    TooManySecrets,
    UnknownSecret,
    UnreadableDuration,
}

TOLD_TO_DO = re.compile(
    r"\b(you|your|you've|you're|type|ask (an?|again|its|for them|for the)|go back|try again|choose"
    r"|check the spelling|request it again|has to request|write|leave|show an|put the|please)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind in RECORDED])
def test_others_read_about_the_person_and_are_told_nothing_to_do(kind: type[Refusal]) -> None:
    sentence = sentence_of(an_example(kind), "Dana Developer")

    assert TOLD_TO_DO.search(sentence) is None
    assert "…" not in sentence
    assert "{" not in sentence


@pytest.mark.parametrize("code", ACCESS_FAILURES)
def test_others_read_what_happened_to_access_and_not_what_to_do(code: str) -> None:
    for reason in reasons_of(code):
        assert TOLD_TO_DO.search(sentence_of(reason, "Dana Developer")) is None


def test_the_person_concerned_reads_what_to_do() -> None:
    lost = Reason("approvals_no_longer_count", {"approvers": ("Ada",)})

    assert sentence_of(lost).endswith("there are too few approvals now. Ask again.")
    assert sentence_of(SignInDeclined()).endswith("Go back to Teams and try again.")


def test_others_read_the_name_in_each_of_several_reasons() -> None:
    several = OfSeveral({"one": MayNotAsk("one"), "two": MayNotAsk("2")})

    assert sentence_of(several, "Dana").count("Dana isn't one of the people") == 2


def test_every_text_about_others_is_of_a_reason() -> None:
    assert ABOUT_OTHERS.keys() <= TEXTS.keys()


def test_no_two_refusals_share_a_code() -> None:
    codes = [kind.code for kind in KINDS]

    assert len(set(codes)) == len(codes)


def test_every_failure_has_a_text_and_every_text_a_use() -> None:
    known = {*FAILURES, *(kind.code for kind in KINDS), AS_WRITTEN}

    assert set(TEXTS) == known


@pytest.mark.parametrize("code", TEXTS)
def test_a_text_stands_missing_and_hostile_parameters(code: str) -> None:
    text = TEXTS[code]

    assert isinstance(sentence_of(Reason(code)), str)
    for each in (text, ABOUT_OTHERS.get(code, text)):
        for value in HOSTILE:
            filled = Filled(Whatever(value), ("A part.",))
            assert isinstance(filled.fill(each) if isinstance(each, str) else each(filled), str)


@pytest.mark.parametrize("code", TEXTS)
def test_a_sentence_has_no_words_but_those_of_the_catalogues(code: str) -> None:
    with speaking(WIDE):
        sentences = [
            sentence_of(reason, person) for reason in reasons_of(code) for person in ("", GREEK)
        ]

    assert [sentence for sentence in sentences if plain_words(sentence)] == []


@pytest.mark.parametrize("code", TEXTS)
def test_every_sentence_with_words_of_its_own_can_be_said_in_german(code: str) -> None:
    left_in_english = []
    for reason, person in product(reasons_of(code), ("", GREEK)):
        in_english = sentence_of(reason, person)
        with speaking(WIDE):
            has_words = sentence_of(reason, person) != in_english
        with speaking(LANGUAGES["de"]):
            if has_words and sentence_of(reason, person) == in_english:
                left_in_english.append(in_english)

    assert left_in_english == []


def test_a_sentence_says_times_lengths_counts_and_names_as_its_language_does() -> None:
    with speaking(LANGUAGES["de"]):
        sentences = [
            sentence_of(why)
            for why in (
                StartInThePast(NINE),
                DurationOutOfBounds(timedelta(minutes=1), timedelta(days=2, hours=1)),
                JustificationTooLong(12_345, 1_000),
                NobodyApprovesAll(["one", "two"]),
                NothingToRetry(RotationState.ROLLING_BACK),
                Reason("vault_without_rbac", {"scope": "/vaults/demo-vault"}),
            )
        ]

    assert sentences == [
        (
            "Dieser Beginn liegt in der Vergangenheit: 2. März 2026, 09:00 UTC. Wählen Sie einen "
            "späteren, oder lassen Sie ihn weg: Dann beginnt der Zugriff mit der Genehmigung."
        ),
        (
            "Zugriff dauert hier mindestens 1 Minute und höchstens 2 Tage 1 Stunde. Wählen Sie "
            "eine Dauer dazwischen, zum Beispiel 2d1h."
        ),
        (
            "Die Begründung hat 12.345 Zeichen; möglich sind höchstens 1.000. Schreiben Sie die "
            "Einzelheiten in ein Ticket und nennen Sie das Ticket."
        ),
        (
            "Nicht genug Personen können one und two zusammen genehmigen, also wurde nichts "
            "angefordert. Fordern Sie sie einzeln an."
        ),
        "Es gibt nichts zu wiederholen. Status dieser Rotation: wird zurückgesetzt.",
        (
            "Tresor demo-vault nutzt Azure RBAC nicht. Eine Rollenzuweisung gäbe also keinen "
            "Zugriff auf die Geheimnisse."
        ),
    ]


def test_a_parameter_is_shown_as_it_is_and_never_read_as_a_template() -> None:
    sentence = sentence_of(NotRotatable("{secret:duration}"))

    assert sentence.startswith("{secret:duration} isn't set up for rotation.")


def test_a_code_of_a_newer_version_is_shown_with_what_is_known_of_it() -> None:
    reason = Reason("of_tomorrow", {"what": 1}, (NotAnAdmin().reason,))

    assert sentence_of(reason) == (
        "A newer version of Latchkey gave this reason: of_tomorrow. "
        "Only admins can do that. Ask one of them."
    )


def test_a_sentence_that_an_older_version_stored_is_shown_as_it_is() -> None:
    event = Event("failed", NINE, None, {"reason": "It took {too} long."})

    assert sentence_in(event) == "It took {too} long."
    assert sentence_of(as_written("It took {too} long.")) == "It took {too} long."


def test_an_event_without_a_reason_says_nothing() -> None:
    assert sentence_in(Event("denied", NINE, ADA, {"reason": ""})) == ""
    assert sentence_in(Event("ended", NINE)) == ""
