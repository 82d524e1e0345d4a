"""The figures of each day, and of periods."""
