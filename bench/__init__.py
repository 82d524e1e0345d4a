"""Benchmarks, printed as ratios: they are comparable across machines, unlike seconds."""
