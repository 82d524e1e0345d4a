"""The last step: what is checked before the old version is disabled, and how that is done."""
