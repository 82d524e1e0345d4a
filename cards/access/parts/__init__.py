"""Parts that several cards and messages about access share."""
