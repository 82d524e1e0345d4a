"""The use cases, and in ``services.azure`` the adapters for Azure and Entra."""
