"""Entra: sign-ins, tokens, and the identity of apps."""
