"""Checks the Bicep in `infra/`: its syntax, and its resources against Azure's published types."""
