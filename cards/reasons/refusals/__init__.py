"""What a person reads when Latchkey won't do what they asked."""
