"""How fast the API answers, beside PostGraphile on the same tables."""
