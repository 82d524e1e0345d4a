"""The texts of refusals and failures."""
