"""Typed lines: how commands are read, and what to offer for other lines."""
