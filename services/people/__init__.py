"""Who is who, who administers, and where people can be reached in Teams."""
