"""Azure Resource Manager: roles, locks, vaults and storage accounts."""
