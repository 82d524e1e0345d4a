"""Erases a person's name and email from the rows of the table."""
