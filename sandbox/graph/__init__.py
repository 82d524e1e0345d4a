"""Microsoft Graph: people, groups and applications."""
