"""Files that people export."""
