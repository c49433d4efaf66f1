"""The GraphQL types: what each field is, and through which read it comes."""
