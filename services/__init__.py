"""The use cases and, in ``services.azure``, the adapters to what they need from outside."""
