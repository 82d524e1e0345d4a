"""Changes of an access request: each returns a new head and its events, or says why not."""
