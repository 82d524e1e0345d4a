"""Drills: access for nobody, given and taken away again, to see that both still work."""
