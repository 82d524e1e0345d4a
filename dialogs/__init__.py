"""The conversations: they collect a draft and write nothing."""
