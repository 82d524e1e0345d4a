"""The checks that ``doctor`` runs, each with a remedy."""
