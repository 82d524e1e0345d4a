"""Rotation: its steps, its issuers, and the use cases around them."""
