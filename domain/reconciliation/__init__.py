"""Comparing what Azure has with what the leases say, and removing orphaned access."""
