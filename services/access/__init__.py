"""The use cases of access, and how it is granted and revoked in Azure."""
