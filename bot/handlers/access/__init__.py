"""Access: asking, deciding, ending, and looking at it."""
