"""Tests of what is archived and removed."""
