"""All the rules of a deployment: which one covers a secret, and how two sets of them differ."""
