"""Which Latchkey this is."""

from services.workflow.codec import SCHEMA

VERSION = "0.1.0"

HANDLES = f"{VERSION}/{SCHEMA}"
"""What can handle a row: the version of the code and of the heads that it reads."""
