"""Cards about the history of workflows."""
