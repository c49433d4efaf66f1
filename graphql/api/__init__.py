"""GraphQL over what the indexer wrote to Postgres."""
