"""Rotations: their states and plan, schedules, and what a rotation changes."""
