"""How a dependent holds a secret, as it is found: the plan asks, and the start of a rotation."""

from dataclasses import replace

from domain.reasons import Reason
from domain.rotation.rotation import Captured, Dependent, Rotation, Shape
from domain.secrets import SecretValue
from services.rotation.dependents.kind import Entries
from services.rotation.dependents.names import nearest, spelling_of
from services.rotation.dependents.references import read_reference
from services.rotation.secret_versions import Version
from services.rotation.step import Drift


def capture(
    dependent: Dependent,
    entries: Entries,
    rotation: Rotation,
    version: Version,
    value: SecretValue,
) -> Captured:
    """Say how a dependent holds the current value; raises Drift where it holds another.

    What is captured has the setting's name as the app spells it. A setting that does not exist is
    Drift too, unless its policy has it made: a misspelt name would put the secret into a new one.
    """
    spelling = spelling_of(dependent.setting, entries)
    if spelling is None:
        if not dependent.create:
            near = {"near": nearest(dependent.setting, entries)}
            raise Drift(str(dependent), Reason("setting_missing", near))
        return Captured(dependent, Shape.ABSENT)
    dependent, held = replace(dependent, setting=spelling), entries[spelling].value
    reference = read_reference(held.reveal())
    if reference is None:
        if held != value:
            raise Drift(str(dependent), Reason("setting_differs"))
        return Captured(dependent, Shape.LITERAL)
    if not reference.is_to(rotation.terms.vault_name, rotation.terms.vault_url, rotation.secret):
        raise Drift(str(dependent), Reason("setting_of_other_secret"))
    if not reference.version:
        return Captured(dependent, Shape.REFERENCE, reference.text)
    if reference.version.lower() != version.id.lower():
        raise Drift(str(dependent), Reason("setting_of_other_version"))
    return Captured(dependent, Shape.PINNED, reference.text)
