"""Constructs the bot, one file per part: ``root.compose`` puts the parts together."""
