"""Rate limits that a service counts over all replicas."""
