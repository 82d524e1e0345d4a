"""A fresh sign-in, which confirms what a person does."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FreshSignIn:
    """A fresh sign-in that Entra has confirmed, of the person with this object ID."""

    person_id: str
    at: datetime
    contexts: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    """How the person signed in, as Entra names it: ``pwd``, ``mfa``; empty if it doesn't say."""
