"""Settings from the environment and the policy file; all errors are reported at once, by name.

Each section of the settings has a module, such as `teams`. From them,
docs/variables.md is generated.
"""

from config.access import KEY_VAULT_SECRETS_USER
from config.reading import (
    STAND_INS,
    ConfigurationError,
    log_format_of,
    misspelt_variables,
    read_configuration,
    read_rules,
    read_settings,
    rules_of,
)
from config.settings import Settings

__all__ = [
    "KEY_VAULT_SECRETS_USER",
    "STAND_INS",
    "ConfigurationError",
    "Settings",
    "log_format_of",
    "misspelt_variables",
    "read_configuration",
    "read_rules",
    "read_settings",
    "rules_of",
]
