"""What people write to each other: who may, how it is kept in order, and how others hear of it."""
