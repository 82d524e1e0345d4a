"""Everything that runs on this machine for `make run` and the browser tests."""
