"""The Teams edge: what comes in is checked, what goes out is paced."""
