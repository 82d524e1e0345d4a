"""People, groups, applications and sign-ins."""
