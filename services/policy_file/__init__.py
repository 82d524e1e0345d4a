"""The policy file: TOML with rules for each secret, over the defaults of the variables."""
