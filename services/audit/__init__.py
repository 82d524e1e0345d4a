"""The history, and its export."""
