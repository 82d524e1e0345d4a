"""Versions of a secret that a rotation finds: its own, hidden and late ones."""
