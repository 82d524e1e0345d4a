"""The policy file: TOML rules for each secret, on top of the variables' defaults."""
