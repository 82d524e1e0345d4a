"""What serves commands and clicks."""
