"""What the local Azure stores: people, vaults, apps, assignments and locks."""
