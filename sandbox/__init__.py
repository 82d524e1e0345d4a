"""A local Azure over HTTPS: Key Vault, ARM, Graph, Entra and the identity endpoint, in memory."""
