"""Archives workflows that ended long ago, and removes their rows."""
