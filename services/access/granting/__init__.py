"""Access in Azure: leases, grants and their ends, and what is there without a lease."""
