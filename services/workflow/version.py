"""The version of this Latchkey."""

from services.workflow.codec import SCHEMA

VERSION = "0.1.0"

HANDLES = f"{VERSION}/{SCHEMA}"
"""Identifies what can handle a row: the version of the code and of its heads."""
