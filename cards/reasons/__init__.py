"""The one place that words refusals and failures: a text for each code. See ADR 30."""
