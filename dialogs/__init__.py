"""Dialogs: they collect a draft and write nothing."""
