"""Tests of the rules of drills."""
