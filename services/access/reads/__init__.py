"""Which reads of secrets the vaults' log shows."""
