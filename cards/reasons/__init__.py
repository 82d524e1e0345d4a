"""The texts of all refusals and failures, one for each code. See ADR 30."""
