"""Retention: what ended long ago is archived, and removed from the table."""
