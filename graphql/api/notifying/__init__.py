"""What people are told, as the API serves it: live, and how they want to be told."""
