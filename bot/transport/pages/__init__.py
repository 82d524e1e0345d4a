"""Pages that the bot serves besides messages: for operators, and for sign-ins."""
