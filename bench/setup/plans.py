"""The data of the buttons on a rotation's plan, for clicks without the card."""

from bench.setup.surroundings import Surroundings
from cards.kit import verbs
from composition.kinds import KINDS
from config.reading import read_rules, read_settings
from domain.rotation.terms import digest_of


def confirming(around: Surroundings, rotation_id: str, secret: str) -> dict[str, str]:
    """Return what the button that confirms a plan sends, under the rules that a bot reads."""
    policy = read_rules(read_settings(around.for_latchkey()), KINDS).rotation_of(secret)
    assert policy
    return {verbs.ROTATION: rotation_id, verbs.SECRET: secret, verbs.RULES: digest_of(policy)}
