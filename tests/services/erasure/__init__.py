"""Tests of erasing names."""
