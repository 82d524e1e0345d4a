"""The rows of lists: per person, and of the history."""
