"""What comes before a request: what can be asked for, by whom, and what approvers are shown."""
