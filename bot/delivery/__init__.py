"""What is sent to Teams: replies and proactive messages."""
