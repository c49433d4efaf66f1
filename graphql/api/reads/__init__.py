"""Everything that the API reads: all SQL is in here."""
