"""The daily checkpoints: one for each day, made when the day is certainly over."""
