"""The audit trail: evidence, history and reports."""
