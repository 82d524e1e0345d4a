"""The table, its keys, and documents kept in it."""
