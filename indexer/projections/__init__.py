"""Facts → entities: pure folds over rows that were loaded once and are written once."""
