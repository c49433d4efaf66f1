"""What events lead to outside the index: decided here, purely; written by sync, done by workers."""
