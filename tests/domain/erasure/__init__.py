"""Tests of the rules of erasing names."""
