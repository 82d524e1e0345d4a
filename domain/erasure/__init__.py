"""Erasing a person's name from what is kept, without breaking the evidence."""
