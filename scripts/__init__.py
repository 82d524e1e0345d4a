"""The developer commands behind `make`, using only the standard library."""
