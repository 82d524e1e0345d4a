"""Benchmarks, printed as ratios: these compare on any machine, while seconds do not."""
