"""What refusals keep of what they are told."""
