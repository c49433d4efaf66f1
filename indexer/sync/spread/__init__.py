"""A backfill's stretches, fetched by other processes: what is asked, given, and done meanwhile."""
