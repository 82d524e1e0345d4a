"""Delivers the messages that follow from events: posts, updates, and what Teams didn't answer."""
