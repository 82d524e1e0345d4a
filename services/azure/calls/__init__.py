"""What every call to Azure shares: connections, limits, errors, metrics and spans."""
