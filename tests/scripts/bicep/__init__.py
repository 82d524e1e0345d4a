"""The checks of the Bicep in `infra/`, on small files."""
