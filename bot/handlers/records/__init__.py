"""What happened: history, evidence, reports and files."""
