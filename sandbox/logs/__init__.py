"""Log Analytics, with the vaults' log."""
