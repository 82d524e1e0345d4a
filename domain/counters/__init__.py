"""The counters: the figures of each day, kept so that reports needn't read every workflow."""
